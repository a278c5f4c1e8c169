// The open conversation as frames change it. Pure: every function takes a thread and gives the next one.
//
// conversation  the object of the wire contract, or null while it is new
// messages      its branch, oldest first, each `counted`
// pending       what was sent and not yet acknowledged: {id, text, images, state, sentence, message?}
// runs          the active ones by id
// next          cursor to earlier messages, or null
// stale         something happened that we do not have: ask for the branch again
import { append, counted, cutTo, merged } from "./answer.js";

export function threadOf({ conversation = null, messages = [], runs = [], next = null } = {}) {
  return {
    conversation,
    messages: messages.map(counted),
    pending: [],
    runs: Object.fromEntries(runs.map((run) => [run.id, run])),
    next,
    stale: false,
    deleted: false,
  };
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
  return Object.values(thread.runs)[0] ?? null;
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

/** The message in its place: known ones are replaced, one that does not follow the last is a sign of a
    branch that we have not seen. */
function placed(thread, message) {
  if (messageOf(thread, message.id)) {
    return changed(thread, message.id, (held) => merged(held, message));
  }
  const last = thread.messages.at(-1);
  if ((message.parent ?? null) !== (last?.id ?? null)) return { ...thread, stale: true };
  return { ...thread, messages: [...thread.messages, counted(message)] };
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

export function acked(thread, id, ack) {
  const pending = thread.pending.filter((other) => other.id !== id);
  let next = { ...thread, pending, conversation: ack.conversation ?? thread.conversation };
  next = placed(next, ack.user_message);
  next = placed(next, ack.message);
  const ended = !messageOf(next, ack.message.id) || messageOf(next, ack.message.id).status !== "running";
  return ended ? next : { ...next, runs: { ...next.runs, [ack.run.id]: ack.run } };
}

export function refused(thread, id, sentence) {
  const pending = thread.pending.map((one) => (one.id === id ? { ...one, state: "unsent", sentence } : one));
  return { ...thread, pending };
}

export function withdrawn(thread, id) {
  return { ...thread, pending: thread.pending.filter((one) => one.id !== id) };
}

// What we ask for -----------------------------------------------------------------------------------

/** The ack of `conversation.open`. Runs that ended meanwhile get their `run.finished` from the server. */
export function opened(thread, ack) {
  let next = { ...thread, conversation: ack.conversation, messages: thread.messages.map(healed) };
  for (const run of ack.runs) {
    if (!messageOf(next, run.message)) next = { ...next, stale: true };
    else next = { ...next, runs: { ...next.runs, [run.id]: run } };
  }
  const active = ack.conversation.active_message;
  return active && !messageOf(next, active) ? { ...next, stale: true } : next;
}

function healed(message) {
  return message.gap ? { ...message, gap: false } : message;
}

/** The branch as the server has it now; earlier pages that we hold of the same branch stay. */
export function refreshed(thread, { items, next }) {
  const first = thread.messages.findIndex((message) => message.id === items[0]?.id);
  const earlier = first > 0 ? thread.messages.slice(0, first) : [];
  const fresh = items.map((item) => merged(messageOf(thread, item.id), item));
  const shown = new Set([...earlier, ...fresh].map((message) => message.id));
  const runs = Object.fromEntries(
    Object.entries(thread.runs).filter(([, run]) => shown.has(run.message) && !ended(fresh, run.message)),
  );
  return { ...thread, messages: [...earlier, ...fresh], runs, next: first > 0 ? thread.next : next, stale: false };
}

function ended(messages, id) {
  const message = messages.find((one) => one.id === id);
  return Boolean(message) && message.status !== "running";
}

export function withOlder(thread, { items, next }) {
  const known = new Set(thread.messages.map((message) => message.id));
  const older = items.filter((item) => !known.has(item.id)).map(counted);
  return { ...thread, messages: [...older, ...thread.messages], next };
}

// What we hear --------------------------------------------------------------------------------------

const HEARD = {
  "message.created": (thread, { message }) => {
    if (message.conversation !== thread.conversation?.id) return thread;
    return placed(adopted(thread, message), message);
  },
  "run.started": (thread, { run, message }) => {
    if (run.conversation !== thread.conversation?.id) return thread;
    const next = message.id ? placed(thread, message) : thread; // it may be announced already
    if (!messageOf(next, run.message)) return { ...next, stale: true };
    const running = changed(next, run.message, (held) => ({ ...held, status: "running" }));
    return { ...running, runs: { ...running.runs, [run.id]: run } };
  },
  "run.delta": (thread, frame) => grown(thread, frame, "text"),
  "run.reasoning": (thread, frame) => grown(thread, frame, "reasoning"),
  "run.waiting": (thread, { run, reason, attempt, retry_in }) => {
    if (!thread.runs[run]) return thread;
    const waiting = { reason, attempt, retry_in };
    return { ...thread, runs: { ...thread.runs, [run]: { ...thread.runs[run], waiting } } };
  },
  "run.finished": finished,
  "conversation.updated": (thread, { conversation }) =>
    conversation.id === thread.conversation?.id ? { ...thread, conversation } : thread,
  "conversation.deleted": (thread, { conversation }) =>
    (conversation.id ?? conversation) === thread.conversation?.id ? { ...thread, deleted: true } : thread,
};

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
  return pending.text.trim() === message.text.trim() && pending.images.length === message.images.length;
}

function grown(thread, frame, field) {
  const run = thread.runs[frame.run];
  if (!run) return thread;
  const next = changed(thread, run.message, (message) => append(message, frame, field));
  if (!run.waiting) return next;
  return { ...next, runs: { ...next.runs, [run.id]: without(run, "waiting") } };
}

function finished(thread, { run, message, length }) {
  if (!messageOf(thread, message.id)) return { ...thread, runs: without(thread.runs, run) };
  const next = changed(thread, message.id, (held) => {
    const { text: _text, reasoning: _reasoning, ...facts } = message;
    return cutTo({ ...held, ...facts }, length);
  });
  return { ...next, runs: without(next.runs, run), stale: next.stale || messageOf(next, message.id).gap };
}
