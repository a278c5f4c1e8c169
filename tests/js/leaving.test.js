import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

const stored = new Map();
globalThis.localStorage = Object.create({
  getItem: (key) => stored.get(key) ?? null,
  setItem(key, value) {
    stored.set(key, value);
    globalThis.localStorage[key] = "";
  },
  removeItem: (key) => stored.delete(key) && delete globalThis.localStorage[key],
});
globalThis.window ??= { location: { assign() {}, pathname: "/" } };
globalThis.document = { cookie: "", getElementById: () => null };
let leave;
globalThis.addEventListener = (type, heard) => {
  if (type === "beforeunload") leave = heard;
};
let cameBy;
globalThis.performance.getEntriesByType = () => [{ type: cameBy }];
const { Chat } = await import("../../static/js/live/chat.js");
const { LEAVING_MS } = await import("../../static/js/lib/leaving.js");
const { outbox } = await import("../../static/js/live/outbox.js");

const PAGE = {
  user: { id: "ada" }, preferences: {}, models: [], names: {}, model: "m", limits: {}, listing: [], listing_next: null,
  conversation: null, messages: [], runs: [], next: null,
};
const SAID = { text: "why?", reasoning: "", images: [], files: [], conversation: "c" };
const ACK = {
  conversation: { id: "c", active_message: "a" }, run: { id: "r", message: "a", conversation: "c", status: "running" },
  user_message: { ...SAID, id: "q", parent: null, role: "user", status: "complete", siblings: ["q"] },
  message: { ...SAID, id: "a", parent: "q", role: "assistant", text: "", status: "running", siblings: ["a"] },
};
let frames;

function page() {
  const chat = new Chat(PAGE, "ws://here/");
  mock.method(chat.line, "request", async (frame) => {
    frames.push(frame);
    return { ack: ACK, again: false };
  });
  return chat;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

async function asked() {
  const chat = page();
  chat.sending.send({ text: "why?", images: [], files: [] });
  await settled();
  return chat;
}

beforeEach(() => {
  [frames, cameBy] = [[], "navigate"];
  for (const key of [...stored.keys()]) globalThis.localStorage.removeItem(key);
  mock.timers.reset();
  mock.timers.enable({ apis: ["Date"], now: Date.now() + 10 * LEAVING_MS });
});

test("what arrived is out of the outbox", async () => {
  assert.equal((await asked()).conversation.id, "c");
  assert.deepEqual(outbox.of("ada"), []);
});

test("a first question that arrived while its page was being reloaded is shown by the next", async () => {
  leave();
  await asked();
  cameBy = "reload";
  const next = page();
  next.sending.resume();
  await settled();
  assert.equal(next.conversation.id, "c");
  assert.equal(frames.length, 2);
  assert.deepEqual(frames[1], frames[0]);
});

for (const [what, by, later] of [
  ["who went elsewhere meanwhile", "navigate", 0], ["who reloads much later", "reload", LEAVING_MS + 1],
]) {
  test(`${what} is not brought to it`, async () => {
    leave();
    await asked();
    cameBy = by;
    mock.timers.tick(later);
    const next = page();
    next.sending.resume();
    await settled();
    assert.deepEqual([next.conversation, frames.length, outbox.of("ada")], [null, 1, []]);
  });
}
