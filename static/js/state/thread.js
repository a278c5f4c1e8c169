// The open conversation as frames change it. Pure: every function takes a thread and gives the next one.
//
// conversation  the object of the wire contract, or null while it is new
// messages      its branch, oldest first, each `counted`
// pending       what was sent and not yet acknowledged: {id, text, images, state, sentence, message?}
// runs          the active ones by id, of messages that are shown
// aside         the active ones of other branches: their frames are not for us, but they can be stopped
// asking        another try or going on is asked for and not yet acknowledged
// next          cursor to earlier messages, or null
// stale         something happened that we do not have: ask for the branch again
import { redacted } from "./redacted.js";
import { oneSummary, summarised } from "./summary.js";
import { append, called, counted, cutTo, merged } from "./answer.js";

export function threadOf({ conversation = null, messages = [], runs = [], next = null } = {}) {
  const quiet = { pending: [], asking: false, stale: false, deleted: false };
  const bare = { conversation, messages: [], runs: byId(runs), aside: {}, next, ...quiet };
  return withBranch(bare, messages.map(counted));
}

function byId(runs) {
  return Object.fromEntries(runs.map((run) => [run.id, run]));
}

/** What `conversation.open` tells the server that we hold. */
export function holding(thread) {
  const have = {};
  for (const run of Object.values(thread.runs)) {
    const message = messageOf(thread, run.message);
    if (message) have[run.id] = { text: message.points, reasoning: message.thought };
  }
  return have;
}

export function activeRun(thread) {
  return Object.values(thread.runs)[0] ?? Object.values(thread.aside)[0] ?? null;
}

export function hasGap(thread) {
  return thread.messages.some((message) => message.gap);
}

export function messageOf(thread, id) {
  return thread.messages.findLast((message) => message.id === id);
}

function changed(thread, id, change) {
  const at = thread.messages.findLastIndex((message) => message.id === id);
  if (at < 0) return thread;
  const after = change(thread.messages[at]);
  if (after === thread.messages[at]) return thread;
  const messages = thread.messages.slice();
  messages[at] = after;
  return { ...thread, messages };
}

/** The message in its place: a known one is replaced; one that begins another branch takes the place of
    what followed its parent; one whose parent we do not have is a sign of a branch that we have not seen. */
function placed(thread, message) {
  if (messageOf(thread, message.id)) {
    return changed(thread, message.id, (held) => merged(held, message));
  }
  const cut = cutAfter(thread, message.parent ?? null);
  if (!cut) return { ...thread, stale: true };
  return { ...cut, messages: [...cut.messages, counted(message)] };
}

/** The thread up to the message `id` (null: before the first), or null when we do not have it. */
function cutAfter(thread, id) {
  const at = thread.messages.findLastIndex((message) => message.id === id);
  if (at < 0 && (id !== null || thread.next)) return null;
  return withBranch(thread, thread.messages.slice(0, at + 1));
}

/** These messages are shown now; runs of others go on aside. */
function withBranch(thread, messages) {
  const shown = new Set(messages.map((message) => message.id));
  const all = Object.values({ ...thread.aside, ...thread.runs });
  return {
    ...thread,
    messages: oneSummary(messages),
    runs: byId(all.filter((run) => shown.has(run.message))),
    aside: byId(all.filter((run) => !shown.has(run.message))),
  };
}

function without(record, key) {
  const { [key]: _, ...rest } = record;
  return rest;
}

// What we send --------------------------------------------------------------------------------------

export function sent(thread, pending) {
  const others = thread.pending.filter((other) => other.id !== pending.id);
  return { ...thread, pending: [...others, { state: "sending", ...pending }] };
}

/** A question is put differently: what followed its parent makes way at once. */
export function edited(thread, pending) {
  const old = messageOf(thread, pending.edits);
  const cut = old && cutAfter(thread, old.parent ?? null);
  return sent(cut || thread, pending);
}

/** The ack of a send, an edit, another try, or of going on with an answer. */
export function acked(thread, id, ack) {
  const pending = thread.pending.filter((other) => other.id !== id);
  // Another tab sent the same id first, and its answer has ended since: the ack speaks of the past.
  const held = messageOf(thread, ack.message.id);
  if (ack.user_message && held && held.status !== "running") return { ...thread, pending };
  let next = { ...thread, pending, conversation: ack.conversation ?? thread.conversation };
  if (ack.user_message) next = placed(next, ack.user_message);
  next = placed(next, ack.message);
  return messageOf(next, ack.message.id)?.status === "running" ? withRun(next, ack.run) : next;
}

function withRun(thread, run) {
  return { ...thread, runs: { ...thread.runs, [run.id]: run } };
}

/** It stays there with the reason. An edit had put its branch away: that one is asked for again. */
export function refused(thread, id, sentence) {
  const pending = thread.pending.map((one) => (one.id === id ? { ...one, state: "unsent", sentence } : one));
  const next = { ...thread, pending };
  return isAtTheEnd(next, next.conversation) ? next : { ...next, stale: true };
}

export function withdrawn(thread, id) {
  return { ...thread, pending: thread.pending.filter((one) => one.id !== id) };
}

/** What its owner thinks of an answer, null: nothing. */
export function judged(thread, id, feedback) {
  return changed(thread, id, (message) => ({ ...message, feedback }));
}

// What we ask for -----------------------------------------------------------------------------------

/** The ack of `conversation.open`. Runs that ended meanwhile get their `run.finished` from the server. */
export function opened(thread, ack) {
  let next = { ...thread, conversation: ack.conversation, messages: thread.messages.map(healed) };
  const current = isAtTheEnd(next, ack.conversation);
  for (const run of ack.runs) {
    if (messageOf(next, run.message)) next = withRun(changed(next, run.message, begun), run);
    else if (current) next = { ...next, aside: { ...next.aside, [run.id]: run } };
  }
  return (current || awaited(next)) && !seemsToRun(next) ? next : { ...next, stale: true };
}

/** The branch was read while an answer of it was being written, and that has ended unheard. */
function seemsToRun(thread) {
  const running = new Set(Object.values(thread.runs).map((run) => run.message));
  return thread.messages.some((message) => message.status === "running" && !running.has(message.id));
}

function begun(message) {
  return message.status === "running" ? message : { ...message, status: "running", error: null, finish_reason: null };
}

/** Whether what is shown ends where the conversation's active branch ends. */
function isAtTheEnd(thread, conversation) {
  const active = conversation?.active_message;
  if (active === null) return thread.messages.length === 0; // all that was said has been deleted
  return !active || thread.messages.at(-1)?.id === active;
}

/** What we sent will change the branch; its ack says how. */
function awaited(thread) {
  return thread.asking || thread.pending.some((one) => one.state === "sending");
}

function healed(message) {
  return message.gap ? { ...message, gap: false } : message;
}

/** The branch as the server has it now; earlier pages that we hold of the same branch stay. */
export function refreshed(thread, { items, next }) {
  const first = thread.messages.findIndex((message) => message.id === items[0]?.id);
  const earlier = first > 0 ? thread.messages.slice(0, first) : [];
  const fresh = items.map((item) => newer(messageOf(thread, item.id), item));
  const after = withBranch(thread, [...earlier, ...fresh]);
  const runs = Object.fromEntries(
    Object.entries(after.runs).filter(([, run]) => messageOf(after, run.message).status === "running"),
  );
  return { ...after, runs, next: first > 0 ? thread.next : next, stale: false };
}

/** A page may be older than what we heard meanwhile. That an ended answer goes on, its run will tell. */
function newer(held, item) {
  return held && held.status !== "running" && item.status === "running" ? held : merged(held, item);
}

export function withOlder(thread, { items, next }) {
  const known = new Set(thread.messages.map((message) => message.id));
  const older = items.filter((item) => !known.has(item.id)).map(counted);
  return { ...thread, messages: oneSummary([...older, ...thread.messages]), next };
}

// What we hear --------------------------------------------------------------------------------------

const HEARD = {
  "message.created": (thread, { message }) => {
    if (message.conversation !== thread.conversation?.id) return thread;
    return placed(adopted(thread, message), message);
  },
  "message.feedback": (thread, { message, feedback }) => judged(thread, message, feedback),
  "message.redacted": (thread, { message }) => redacted(thread, message),
  "message.summary": (thread, { message, summary }) => summarised(thread, message, summary),
  "run.started": (thread, { run, message }) => {
    if (run.conversation !== thread.conversation?.id) return thread;
    const next = message.id ? placed(thread, message) : thread; // it may be announced already
    if (!messageOf(next, run.message)) return { ...next, stale: true };
    return withRun(changed(next, run.message, begun), run);
  },
  "run.delta": (thread, frame) => grown(thread, frame, "text"),
  "run.reasoning": (thread, frame) => grown(thread, frame, "reasoning"),
  "run.tool": (thread, { run, call }) => {
    const message = thread.runs[run]?.message;
    return message ? changed(thread, message, (held) => called(held, call)) : thread;
  },
  "run.waiting": (thread, { run, reason, attempt, retry_in, model, instead_of }) => {
    if (!thread.runs[run]) return thread;
    const other = model ? { model, instead_of } : thread.runs[run].waiting?.other;
    const waiting = { reason, attempt, retry_in, other };
    return { ...thread, runs: { ...thread.runs, [run]: { ...thread.runs[run], waiting } } };
  },
  "run.finished": finished,
  "conversation.updated": (thread, { conversation }) => {
    if (conversation.id !== thread.conversation?.id) return thread;
    const current = isAtTheEnd(thread, conversation) || awaited(thread);
    return { ...thread, conversation, stale: thread.stale || !current };
  },
  "conversation.deleted": (thread, { conversation }) =>
    (conversation.id ?? conversation) === thread.conversation?.id ? { ...thread, deleted: true } : thread,
};

/** Whether it says something of a message that is not held: of another branch, or of one that is on its way. */
export function isOfAnother(thread, { message }) {
  return Boolean(message) && !messageOf(thread, message.id ?? message);
}

/** Any frame of the server. One that is not for this conversation, or not known, changes nothing. */
export function received(thread, frame) {
  return Object.hasOwn(HEARD, frame.type) ? HEARD[frame.type](thread, frame) : thread;
}

/** Our own message may be announced before it is acknowledged: it must not be shown twice. */
function adopted(thread, message) {
  if (message.role !== "user") return thread;
  const twin = thread.pending.find((one) => one.state === "sending" && !one.message && same(one, message));
  if (!twin) return thread;
  const pending = thread.pending.map((one) => (one === twin ? { ...one, message: message.id } : one));
  return { ...thread, pending };
}

function same(pending, message) {
  const words = pending.text.trim() === message.text.trim();
  return words && pending.images.length === message.images.length &&
    (pending.files ?? []).length === (message.files ?? []).length;
}

/** What a run says that we do not know of is not lost: we ask for it. */
function grown(thread, frame, field) {
  const run = thread.runs[frame.run];
  if (!run) return thread.conversation && !thread.aside[frame.run] ? { ...thread, stale: true } : thread;
  const other = run.waiting?.other; // was asked instead, and is the one who speaks
  const next = changed(thread, run.message, (held) => append(other ? { ...held, ...other } : held, frame, field));
  if (!run.waiting) return next;
  return { ...next, runs: { ...next.runs, [run.id]: without(run, "waiting") } };
}

function finished(thread, { run, message, length }) {
  const next = { ...thread, runs: without(thread.runs, run), aside: without(thread.aside, run) };
  const held = messageOf(next, message.id);
  if (!held) return next;
  // An earlier run of a message that is being gone on with says nothing of its end.
  if (message.status === "running" || Object.values(next.runs).some((other) => other.message === message.id)) {
    return held.status === "running" ? next : { ...next, stale: true };
  }
  const { text: _text, reasoning: _reasoning, ...facts } = message;
  const after = changed(next, message.id, (one) => cutTo({ ...one, ...facts }, length));
  return { ...after, stale: after.stale || messageOf(after, message.id).gap };
}
