import assert from "node:assert/strict";
import { test } from "node:test";

import * as threads from "../../static/js/state/thread.js";

function told(id, parent, more = {}) {
  return { id, parent, conversation: "c", role: parent ? "assistant" : "user", text: `long words of ${id}`, reasoning: "", images: [], status: "complete", ...more };
}

const gone = { ...told("q", null), text: "[Removed]", redacted: "2026-11-22T01:00:00Z" };
const talk = () =>
  threads.threadOf({ conversation: { id: "c", active_message: "a" }, messages: [told("q", null), told("a", "q", { summary: { id: "s", text: "words" } })] });

test("a message whose words are taken away is replaced, shorter as it is, and no summary of it stays", () => {
  const thread = threads.received(talk(), { type: "message.redacted", message: gone });
  assert.deepEqual(thread.messages.map((one) => one.text), ["[Removed]", "long words of a"]);
  assert.equal(thread.messages[0].points, 9);
  assert.equal(thread.messages[1].summary, null);
});

test("one that is not shown changes nothing", () => {
  const thread = talk();
  assert.equal(threads.received(thread, { type: "message.redacted", message: { ...gone, id: "other" } }), thread);
});
