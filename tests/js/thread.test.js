import assert from "node:assert/strict";
import { test } from "node:test";

import * as threads from "../../static/js/state/thread.js";

const CONVERSATION = { id: "c", title: "Wheel", active_message: "a1" };

function message(id, parent, role, more = {}) {
  return { id, parent, role, conversation: "c", text: "", reasoning: "", images: [], status: "complete", ...more };
}

const QUESTION = message("q1", null, "user", { text: "why?" });
const ANSWER = message("a1", "q1", "assistant", { status: "running" });
const RUN = { id: "r", conversation: "c", message: "a1", status: "running" };

function asked() {
  const fresh = threads.sent(threads.threadOf(), { id: "f", text: "why?", images: [] });
  return threads.acked(fresh, "f", { conversation: CONVERSATION, user_message: QUESTION, message: ANSWER, run: RUN });
}

function hearing(thread, ...frames) {
  return frames.reduce(threads.received, thread);
}

function delta(at, text) {
  return { type: "run.delta", run: "r", at, text };
}

function finished(length, more = {}) {
  return { type: "run.finished", run: "r", message: { ...ANSWER, text: undefined, status: "complete", ...more }, length };
}

const ids = (thread) => thread.messages.map((one) => one.id);

test("a call of a tool stands once, as it was told last", () => {
  const call = (id, status) => ({ type: "run.tool", run: "r", call: { id, at: 0, name: "clock", status } });
  const thread = hearing(asked(), call("c1", "running"), call("c2", "running"), call("c1", "done"));
  assert.deepEqual(thread.messages.at(-1).tool_calls.map(({ id, status }) => [id, status]), [["c1", "done"], ["c2", "running"]]);
  assert.equal(hearing(asked(), { ...call("c1", "done"), run: "other" }).messages.at(-1).tool_calls, undefined);
});

test("what is sent stands there at once, and becomes a message with the ack", () => {
  const fresh = threads.sent(threads.threadOf(), { id: "f", text: "why?", images: [] });
  assert.equal(fresh.pending[0].state, "sending");
  const thread = asked();
  assert.deepEqual(ids(thread), ["q1", "a1"]);
  assert.deepEqual(thread.pending, []);
  assert.equal(threads.activeRun(thread).id, "r");
});

test("an announcement before the ack is not shown twice", () => {
  const fresh = threads.sent(threads.threadOf({ conversation: CONVERSATION }), { id: "f", text: "why?", images: [] });
  const heard = hearing(fresh, { type: "message.created", message: QUESTION });
  assert.equal(heard.pending[0].message, "q1");
  const thread = threads.acked(heard, "f", { conversation: CONVERSATION, user_message: QUESTION, message: ANSWER, run: RUN });
  assert.deepEqual(ids(thread), ["q1", "a1"]);
});

test("an ack that comes after the end of its answer, which another tab had asked for, changes nothing", () => {
  const ended = hearing(asked(), delta(0, "so"), finished(2));
  const waits = threads.sent(ended, { id: "f", text: "why?", images: [] });
  const ack = { conversation: { ...CONVERSATION, title: "old" }, user_message: QUESTION, message: ANSWER, run: RUN };
  const thread = threads.acked(waits, "f", ack);
  assert.deepEqual(thread, ended);
});

test("a refusal keeps the words with the sentence, and can be taken back", () => {
  const fresh = threads.sent(threads.threadOf(), { id: "f", text: "why?", images: [] });
  const thread = threads.refused(fresh, "f", "That was a lot at once.");
  assert.equal(thread.pending[0].state, "unsent");
  assert.equal(thread.pending[0].text, "why?");
  assert.deepEqual(threads.withdrawn(thread, "f").pending, []);
});

test("an answer grows, and is done when it is finished", () => {
  const thread = hearing(asked(), delta(0, "be"), delta(2, "cause"), finished(7, { finish_reason: "stop" }));
  const answer = threads.messageOf(thread, "a1");
  assert.deepEqual([answer.text, answer.status, answer.finish_reason], ["because", "complete", "stop"]);
  assert.equal(threads.activeRun(thread), null);
  assert.equal(thread.stale, false);
});

test("an answer that is shorter than it should be is asked for again", () => {
  assert.ok(hearing(asked(), delta(0, "be"), finished(7)).stale);
  assert.ok(threads.hasGap(hearing(asked(), delta(3, "cause"))));
});

test("who reconnects says how far the text and the thinking are held", () => {
  const thread = hearing(asked(), delta(0, "b🙂"), { type: "run.reasoning", run: "r", at: 0, text: "hm" });
  assert.deepEqual(threads.holding(thread), { r: { text: 2, reasoning: 2 } });
});

test("a retry of the provider is shown until text comes", () => {
  const waiting = hearing(asked(), { type: "run.waiting", run: "r", reason: "x", attempt: 2, retry_in: 1 });
  assert.equal(waiting.runs.r.waiting.attempt, 2);
  assert.equal(hearing(waiting, delta(0, "b")).runs.r.waiting, undefined);
});

test("once a fall-back speaks the answer is its own, however long it had to wait", () => {
  const instead = { model: "second", instead_of: "first" };
  const told = hearing(
    asked(),
    { type: "run.waiting", run: "r", reason: "x", attempt: 0, retry_in: 0, ...instead },
    { type: "run.waiting", run: "r", reason: "y", attempt: 2, retry_in: 1 },
  );
  const who = (thread) => thread.messages.at(-1).instead_of;
  assert.equal(who(told) ?? null, null);
  const spoken = hearing(told, delta(0, "b"));
  assert.equal(who(spoken), "first");
  assert.equal(spoken.messages.at(-1).model, "second");
  assert.equal(who(hearing(spoken, delta(1, "c"))), "first");
});

test("a message that does not follow ours means a branch that we have not seen", () => {
  const other = message("q9", "elsewhere", "user");
  assert.ok(hearing(asked(), { type: "message.created", message: other }).stale);
});

test("another tab's question and answer appear here", () => {
  const done = hearing(asked(), finished(0));
  const question = message("q2", "a1", "user", { text: "and?" });
  const answer = message("a2", "q2", "assistant", { status: "running" });
  const run = { ...RUN, id: "r2", message: "a2" };
  const thread = hearing(
    done,
    { type: "message.created", message: question },
    { type: "run.started", run, message: answer, conversation: CONVERSATION, model: "m" },
    { type: "run.delta", run: "r2", at: 0, text: "so" },
  );
  assert.deepEqual(ids(thread), ["q1", "a1", "q2", "a2"]);
  assert.equal(thread.messages.at(-1).text, "so");
});

test("frames of other conversations and unknown ones change nothing", () => {
  const thread = asked();
  const elsewhere = { ...QUESTION, id: "x", conversation: "other" };
  const frames = [
    { type: "message.created", message: elsewhere },
    { type: "conversation.updated", conversation: { ...CONVERSATION, id: "other", active_message: "x" } },
    { type: "constructor" },
  ];
  assert.equal(hearing(thread, ...frames), thread);
});

test("what a run says that we have not heard of is asked for", () => {
  assert.ok(hearing(asked(), { type: "run.delta", run: "unknown", at: 0, text: "x" }).stale);
  assert.equal(hearing(threads.threadOf(), { type: "run.delta", run: "unknown", at: 0, text: "x" }).stale, false);
});

test("opening tells of an active message that we do not have", () => {
  const thread = threads.opened(asked(), { conversation: { ...CONVERSATION, active_message: "new" }, runs: [] });
  assert.ok(thread.stale);
});

test("a page may be rendered while another branch is being written", () => {
  const runs = [{ ...RUN, id: "r3", message: "elsewhere" }];
  const thread = threads.threadOf({ conversation: CONVERSATION, messages: [QUESTION, { ...ANSWER, status: "complete" }], runs });
  assert.deepEqual([Object.keys(thread.runs), Object.keys(thread.aside)], [[], ["r3"]]);
});

test("a run of a branch that is not shown says nothing here, and can be stopped", () => {
  const done = hearing(asked(), finished(0));
  const run = { ...RUN, id: "r3", message: "elsewhere" };
  const thread = threads.opened(done, { conversation: CONVERSATION, runs: [run] });
  assert.equal(threads.activeRun(thread).id, "r3");
  assert.deepEqual(threads.holding(thread), {});
  assert.equal(hearing(thread, { type: "run.delta", run: "r3", at: 0, text: "x" }), thread);
  const over = hearing(thread, { type: "run.finished", run: "r3", message: { id: "elsewhere" }, length: 1 });
  assert.deepEqual([threads.activeRun(over), over.stale], [null, false]);
});

const EDITED = message("q1b", null, "user", { text: "how?", siblings: ["q1", "q1b"] });
const ANEW = message("a1b", "q1b", "assistant", { status: "running" });
const RUN_ANEW = { ...RUN, id: "rb", message: "a1b" };
const TURNED = { ...CONVERSATION, active_message: "a1b" };

test("an edit makes way at once, and its ack puts the new branch there", () => {
  const going = threads.edited(asked(), { id: "f", edits: "q1", text: "how?", images: [] });
  assert.deepEqual(ids(going), []);
  assert.equal(going.pending[0].text, "how?");
  assert.equal(threads.activeRun(going).id, "r", "what still runs can be stopped");
  const ack = { conversation: TURNED, user_message: EDITED, message: ANEW, run: RUN_ANEW };
  const stopped = hearing(going, finished(0, { status: "stopped" }));
  const thread = threads.acked(stopped, "f", ack);
  assert.deepEqual([ids(thread), threads.activeRun(thread).id, thread.stale], [["q1b", "a1b"], "rb", false]);
});

test("a refused edit keeps its words, and the branch that it had put away is asked for", () => {
  const going = threads.edited(asked(), { id: "f", edits: "q1", text: "how?", images: [] });
  const thread = threads.refused(going, "f", "No.");
  assert.deepEqual([thread.stale, thread.pending[0].state, thread.pending[0].text], [true, "unsent", "how?"]);
});

test("another tab's edit takes the place of what followed the same message", () => {
  const thread = hearing(
    asked(),
    finished(0, { status: "stopped" }),
    { type: "message.created", message: EDITED },
    { type: "message.created", message: ANEW },
    { type: "run.started", run: RUN_ANEW, message: ANEW, conversation: TURNED, model: "m" },
    { type: "conversation.updated", conversation: TURNED },
    { type: "run.delta", run: "rb", at: 0, text: "so" },
    delta(0, "an old one"),
  );
  assert.deepEqual(ids(thread), ["q1b", "a1b"]);
  assert.equal(thread.messages[1].text, "so");
});

test("another try takes the answer's place; what the old run still says is not in it", () => {
  const again = message("a1c", "q1", "assistant", { status: "running" });
  const thread = hearing(
    asked(), delta(0, "old"),
    { type: "message.created", message: again },
    { type: "run.started", run: { ...RUN, id: "rc", message: "a1c" }, message: again, conversation: CONVERSATION, model: "m" },
    delta(3, " words"),
    { type: "run.delta", run: "rc", at: 0, text: "new" },
  );
  assert.deepEqual(ids(thread), ["q1", "a1c"]);
  assert.equal(thread.messages[1].text, "new");
});

test("an answer that is gone on with keeps its text, and grows behind it", () => {
  const done = hearing(asked(), delta(0, "one "), finished(4, { status: "stopped", error: null }));
  const running = { ...ANSWER, text: "one ", status: "running" };
  const run = { ...RUN, id: "r2" };
  const thread = hearing(
    done,
    { type: "run.started", run, message: running, conversation: CONVERSATION, model: "m" },
    { type: "run.delta", run: "r2", at: 4, text: "two" },
  );
  const answer = threads.messageOf(thread, "a1");
  assert.deepEqual([answer.text, answer.status, thread.stale], ["one two", "running", false]);
  assert.deepEqual(threads.holding(thread), { r2: { text: 7, reasoning: 0 } });
});

test("the end of an earlier run neither cuts nor ends an answer that is gone on with", () => {
  const running = { ...ANSWER, text: "one ", status: "running" };
  const both = threads.opened(hearing(asked(), delta(0, "one ")), {
    conversation: CONVERSATION, runs: [{ ...RUN, id: "r2" }],
  });
  const thread = hearing(
    both,
    { type: "run.delta", run: "r2", at: 4, text: "two" },
    { type: "run.finished", run: "r", message: { ...running, text: undefined }, length: 4 },
  );
  const answer = threads.messageOf(thread, "a1");
  assert.deepEqual([answer.text, answer.status, Object.keys(thread.runs)], ["one two", "running", ["r2"]]);
});

test("who turns to another branch elsewhere is followed", () => {
  const done = hearing(asked(), finished(0));
  const turned = { type: "conversation.updated", conversation: { ...CONVERSATION, active_message: "unseen" } };
  assert.ok(hearing(done, turned).stale);
  const sending = threads.sent(done, { id: "f", text: "x", images: [] });
  assert.equal(hearing(sending, turned).stale, false, "our own ack will say it");
});

test("turning away from a run and back to it", () => {
  const away = threads.refreshed(hearing(asked(), delta(0, "one")), { items: [EDITED, { ...ANEW, status: "complete" }], next: null });
  assert.deepEqual([Object.keys(away.runs), Object.keys(away.aside)], [[], ["r"]]);
  const back = threads.refreshed(away, { items: [QUESTION, { ...ANSWER, text: "on" }], next: null });
  assert.deepEqual([Object.keys(back.runs), Object.keys(back.aside)], [["r"], []]);
  assert.ok(threads.hasGap(hearing(back, delta(3, " two"))), "what came meanwhile is asked for");
});

test("a fresh look replaces the branch, keeps earlier pages, and forgets runs that have ended", () => {
  const start = threads.threadOf({
    conversation: CONVERSATION, messages: [message("q0", null, "user"), QUESTION, ANSWER], runs: [RUN], next: "earlier",
  });
  const items = [QUESTION, { ...ANSWER, status: "complete", text: "done" }, message("q2", "a1", "user")];
  const thread = threads.refreshed(start, { items, next: "other" });
  assert.deepEqual(ids(thread), ["q0", "q1", "a1", "q2"]);
  assert.equal(thread.next, "earlier");
  assert.deepEqual(thread.runs, {});
});

test("a page that is older than what we heard does not make an ended answer run again", () => {
  const done = hearing(asked(), delta(0, "be"), finished(2));
  const thread = threads.refreshed(done, { items: [QUESTION, { ...ANSWER, text: "be" }], next: null });
  assert.equal(threads.messageOf(thread, "a1").status, "complete");
  const run = { ...RUN, id: "r2" };
  const goesOn = threads.opened(thread, { conversation: CONVERSATION, runs: [run] });
  assert.equal(threads.messageOf(goesOn, "a1").status, "running");
  assert.equal(goesOn.stale, false);
});

test("an answer that was read while it ran, and has ended unheard, is asked for again", () => {
  const thread = threads.threadOf({ conversation: CONVERSATION, messages: [QUESTION, ANSWER] });
  assert.ok(threads.opened(thread, { conversation: CONVERSATION, runs: [] }).stale);
});

test("older messages go above, each once", () => {
  const thread = threads.withOlder(asked(), { items: [message("q0", null, "user"), QUESTION], next: null });
  assert.deepEqual(ids(thread), ["q0", "q1", "a1"]);
});

test("where all that was said has been deleted elsewhere, nothing is shown", () => {
  const done = hearing(asked(), finished(0));
  const emptied = { type: "conversation.updated", conversation: { ...CONVERSATION, active_message: null } };
  const stale = hearing(done, emptied);
  assert.ok(stale.stale);
  const thread = threads.refreshed(stale, { items: [], next: null });
  assert.deepEqual([ids(thread), thread.stale, hearing(thread, emptied).stale], [[], false, false]);
});

test("what one thinks of an answer stands with it, and goes when it is taken back", () => {
  const done = hearing(asked(), finished(0));
  const up = threads.judged(done, "a1", { rating: "up" });
  assert.equal(threads.messageOf(up, "a1").feedback.rating, "up");
  assert.equal(threads.messageOf(threads.judged(up, "a1", null), "a1").feedback, null);
});

test("what another tab thinks of an answer is heard; of one that is not shown, nothing changes", () => {
  const done = hearing(asked(), finished(0));
  const frame = { type: "message.feedback", conversation: "c1", message: "a1", feedback: { rating: "down" } };
  assert.equal(threads.messageOf(hearing(done, frame), "a1").feedback.rating, "down");
  assert.equal(hearing(done, { ...frame, message: "a9" }), done);
});
