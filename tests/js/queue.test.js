import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { due, inOrder, isBusy, isHeld, putBack } from "../../static/js/state/queue.js";
import { threadOf } from "../../static/js/state/thread.js";

const FIRST = { id: "a", at: 1, text: "first", images: [], files: [] };
const SECOND = { ...FIRST, id: "b", at: 2, text: "second" };

function thread(status, more = {}) {
  const conversation = { id: "c", active_message: "m2" };
  const messages = [
    { id: "m1", role: "user", text: "?", reasoning: "", images: [], parent: null, status: "complete" },
    { id: "m2", role: "assistant", text: "x", reasoning: "", images: [], parent: "m1", status },
  ];
  const runs = status === "running" ? [{ id: "r", conversation: "c", message: "m2" }] : [];
  return { ...threadOf({ conversation, messages, runs }), ...more };
}

test("what waits goes out in its order, when the answer before it is complete", () => {
  const entries = inOrder([SECOND, FIRST]);
  assert.deepEqual(entries, [FIRST, SECOND]);
  assert.equal(due(thread("running"), entries), null);
  assert.equal(due(thread("complete"), entries), FIRST);
  assert.equal(due(thread("complete"), []), null);
});

test("two of the same millisecond have one order in every tab", () => {
  const twin = { ...FIRST, id: "0" };
  assert.deepEqual(inOrder([FIRST, twin]), inOrder([twin, FIRST]));
});

test("after a stop, a break and a failure nothing goes out by itself", () => {
  for (const status of ["stopped", "interrupted", "failed"]) {
    assert.ok(isHeld(thread(status)), status);
    assert.equal(due(thread(status), [FIRST]), null);
  }
  assert.ok(!isHeld(thread("complete")));
});

test("what is on its way, asked for, refused or not known yet is waited for", () => {
  const complete = thread("complete");
  const states = [
    { pending: [{ id: "p", state: "sending" }] },
    { pending: [{ id: "p", state: "unsent" }] },
    { asking: true },
    { stale: true },
    { deleted: true },
    { aside: { r: { id: "r", message: "other" } } },
  ];
  for (const state of states) assert.equal(due({ ...complete, ...state }, [FIRST]), null, JSON.stringify(state));
  assert.ok(isBusy({ ...complete, ...states[0] }) && !isBusy({ ...complete, ...states[1] }));
});

test("a new conversation's first message is waited for too", () => {
  assert.equal(due({ ...threadOf(), pending: [{ id: "p", state: "sending" }] }, [FIRST]), null);
  assert.equal(due(threadOf(), [FIRST]), FIRST);
});

test("one that another tab was faster than waits a little longer each time, and before the others", () => {
  const once = putBack(FIRST, 1000);
  assert.deepEqual(inOrder([SECOND, once])[0], once);
  assert.equal(due(thread("complete"), [once, SECOND], 1001), null);
  assert.equal(due(thread("complete"), [once, SECOND], once.notBefore), once);
  assert.ok(putBack(once, 1000).notBefore > once.notBefore);
  assert.equal(putBack(once).tries, 2);
});
