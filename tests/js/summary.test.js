import assert from "node:assert/strict";
import { test } from "node:test";

import * as threads from "../../static/js/state/thread.js";

const EARLY = { id: "s1", text: "A cat.", messages: 2 };
const LATER = { id: "s2", text: "A cat and a dog.", messages: 4 };

function told(id, parent, summary = null) {
  return { id, parent, conversation: "c", role: parent?.startsWith("q") ? "assistant" : "user", text: id, reasoning: "", images: [], status: "complete", summary };
}

function branch(early = null, later = null) {
  return [told("q1", null), told("a1", "q1", early), told("q2", "a1"), told("a2", "q2", later), told("q3", "a2"), told("a3", "q3")];
}

const CONVERSATION = { id: "c", active_message: "a3" };
const threadOf = (messages, next = null) => threads.threadOf({ conversation: CONVERSATION, messages, next });
const standing = (thread) => thread.messages.filter((one) => one.summary).map((one) => [one.id, one.summary.id]);
const frame = (message, summary) => ({ type: "message.summary", conversation: "c", message, summary });

test("of several summaries on a branch the last is shown", () => {
  assert.deepEqual(standing(threadOf(branch(EARLY, LATER))), [["a2", "s2"]]);
  const [first, second, ...rest] = branch(EARLY, LATER);
  const thread = threads.withOlder(threadOf(rest, "a1"), { items: [first, second], next: null });
  assert.deepEqual(standing(thread), [["a2", "s2"]]);
});

test("a new one takes the place of an earlier one, and undone it goes", () => {
  const thread = threads.received(threadOf(branch(EARLY)), frame("a2", LATER));
  assert.deepEqual(standing(thread), [["a2", "s2"]]);
  assert.deepEqual(standing(threads.received(thread, frame("a2", null))), []);
});

test("one that is made above the one that holds is not shown", () => {
  assert.deepEqual(standing(threads.received(threadOf(branch(null, LATER)), frame("a1", EARLY))), [["a2", "s2"]]);
});

test("a summary of another branch, or of what is not on the page, changes nothing", () => {
  const thread = threadOf(branch(EARLY));
  assert.equal(threads.received(thread, frame("elsewhere", LATER)), thread);
});
