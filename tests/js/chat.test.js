import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

// A browser that keeps nothing: storage is forbidden.
globalThis.window ??= { location: { assign() {}, pathname: "/" } };
globalThis.document = { cookie: "", getElementById: () => null };
const { Chat } = await import("../../static/js/live/chat.js");
const { refreshed } = await import("../../static/js/state/thread.js");
const { api } = await import("../../static/js/live/api.js");

const said = (id, parent) => ({
  id, parent, role: "user", text: id, reasoning: "", images: [], files: [], status: "complete", conversation: "c",
});
const PAGE = {
  user: { id: "ada" }, preferences: {}, models: [], names: {}, model: "m", limits: {}, listing: [], listing_next: null,
  conversation: { id: "c", active_message: "d" }, messages: [said("d", "x")], runs: [], next: "above d",
};

let chat;
let answers;
let asked;
let fails;

beforeEach(() => {
  [asked, answers, fails] = [[], [], []];
  globalThis.fetch = (path) => {
    asked.push(path);
    return new Promise((resolve, reject) => {
      answers.push((body) => resolve(Response.json(body)));
      fails.push(() => reject(new TypeError("no network")));
    });
  };
  chat = new Chat(PAGE, "ws://here/");
});

const shown = () => chat.thread.messages.map(({ id }) => id);
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("earlier messages of a branch that is not shown any more are not put above the one that is", async () => {
  const older = chat.older();
  chat.become(refreshed(chat.thread, { items: [said("e", "y")], next: "above e" }));
  answers[0]({ items: [said("x", null)], next: null });
  await older;
  assert.deepEqual(shown(), ["e"]);
  const again = chat.older();
  answers[1]({ items: [said("y", null)], next: null });
  await again;
  assert.deepEqual(shown(), ["y", "e"]);
});

test("who asks for the same page twice asks once, and after a failure again", async () => {
  const both = [chat.older(), chat.older()];
  assert.equal(asked.length, 1);
  answers[0]({ error: "not what was asked for" });
  await Promise.all(both);
  chat.older();
  assert.equal(asked.length, 2);
});

test("what was refused is sent again though nothing could be stored", async () => {
  const request = mock.method(chat.line, "request", async () => {
    throw Object.assign(new Error("Slow down."), { code: "rate_limited" });
  });
  chat.sending.send({ text: "why?", images: [], files: [] });
  await settled();
  const [{ id, state, sentence }] = chat.thread.pending;
  assert.deepEqual([state, sentence], ["unsent", "Slow down."]);
  chat.sending.retry(id);
  assert.equal(chat.thread.pending[0].state, "sending");
  const frames = request.mock.calls.map(({ arguments: [frame] }) => frame);
  assert.equal(frames.length, 2);
  assert.deepEqual(frames[1], frames[0]);
});

const turnedTo = async () => {
  const turning = chat.turnTo("e");
  await settled();
  answers[0]({ items: [said("e", "y")], next: null });
  await settled();
  assert.deepEqual(shown(), ["e"]);
  return turning;
};

test("what is sent while one turns to another branch is sent when the server has turned, too", async () => {
  const request = mock.method(chat.line, "request", () => new Promise(() => {}));
  const frames = () => request.mock.calls.map(({ arguments: [{ type }] }) => type);
  turnedTo();
  await settled();
  chat.sending.send({ text: "why?", images: [], files: [] });
  chat.regenerate("e");
  await settled();
  assert.deepEqual([chat.thread.pending[0].state, frames()], ["sending", []]);
  answers[1]({ ...PAGE.conversation, active_message: "e" });
  await settled();
  assert.deepEqual(frames().toSorted(), ["conversation.open", "message.regenerate", "message.send"]);
});

for (const way of ["turnTo", "goTo"]) {
  test(`${way}: a turn is said to the server also where a late frame takes the branch for the active one`, async () => {
    mock.method(chat.line, "request", () => new Promise(() => {}));
    chat.become({ ...chat.thread, conversation: { ...chat.conversation, active_message: "e" } });
    chat[way]("e");
    await settled();
    answers[0]({ items: [said("e", "y")], next: null });
    await settled();
    await settled();
    assert.deepEqual(shown(), ["e"]);
    assert.match(asked[0], /messages\?through=e(&|$)/);
    assert.match(asked[1], /conversations\/[^/]+$/);
  });
}

test("what was written under a branch that could not be turned to stays there, and is not sent elsewhere", async () => {
  const request = mock.method(chat.line, "request", async () => ({ ack: {} }));
  const turning = turnedTo();
  await settled();
  chat.sending.send({ text: "why?", images: [], files: [] });
  globalThis.fetch = () => Promise.reject(new TypeError("no network"));
  fails[1]();
  await turning;
  await settled();
  const [{ id, state }] = chat.thread.pending;
  assert.deepEqual([state, request.mock.calls.length], ["unsent", 0]);
  chat.sending.retry(id);
  await settled();
  assert.equal(request.mock.calls[0].arguments[0].type, "message.send");
});

test("an answer that is none of ours is a sentence for people, not an exception", async () => {
  globalThis.fetch = async () => new Response("<h1>Hotel Aurora</h1>", { status: 200 });
  await assert.rejects(api.get("conversations"), { name: "Error", message: "Something went wrong. Try again." });
  globalThis.fetch = async () => Response.json(null);
  assert.equal(await api.get("nothing"), null);
});

const titled = (title) => ({ id: "c", title, updated_at: "2026-01-01T00:00:00Z", archived: false, expires_at: null });
const titles = () => chat.listing.map(({ title }) => title);

test("what changed between the page and the first line is asked for, and never undoes what was heard since", async () => {
  mock.method(chat.line, "request", () => new Promise(() => {}));
  mock.timers.enable({ apis: ["setTimeout"] });
  chat.welcomed({ limits: {}, site: {} });
  mock.timers.runAll();
  mock.timers.reset();
  assert.match(asked[0], /conversations$/);
  chat.heard({ type: "conversation.updated", conversation: titled("heard since") });
  answers[0]({ items: [titled("old")], next: null });
  await settled();
  await settled();
  await settled();
  assert.deepEqual(titles(), ["heard since"]);
  answers[1]({ items: [titled("as it is now")], next: null });
  await settled();
  await settled();
  await settled();
  assert.deepEqual(titles(), ["as it is now"]);
});

test("what is said of a message while the branch it is on is on its way is asked for again", async () => {
  mock.method(chat.line, "request", () => new Promise(() => {}));
  const refreshing = chat.refresh();
  chat.heard({ type: "message.feedback", conversation: "c", message: "e", feedback: { rating: "down" } });
  answers[0]({ items: [said("e", "y")], next: null });
  await settled();
  await settled();
  assert.deepEqual([shown(), chat.thread.stale], [["e"], true]);
  chat.heard({ type: "message.feedback", conversation: "c", message: "e", feedback: { rating: "down" } });
  assert.equal(chat.thread.messages[0].feedback.rating, "down");
  refreshing.catch(() => {});
});
