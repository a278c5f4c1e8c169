import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const kept = new Map();
globalThis.localStorage = Object.create({
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, value) => kept.set(key, value),
  removeItem: (key) => kept.delete(key) && delete globalThis.localStorage[key],
});
globalThis.document = { cookie: "", getElementById: () => null };

const { Elsewhere } = await import("../../static/js/live/elsewhere.js");

let asked;
let last;
let chat;

beforeEach(() => {
  for (const key of kept.keys()) globalThis.localStorage.removeItem(key);
  [asked, last] = [[], "complete"];
  globalThis.fetch = async (path) => {
    asked.push(path);
    if (last === null) return Response.json({ error: { code: "not_found" } }, { status: 404 });
    return Response.json({ items: [{ status: last }] });
  };
  chat = {
    user: { id: "ada" }, line: { state: "open" }, sent: [],
    shows: (conversation) => conversation === "shown",
    sending: { dispatch: (entry) => chat.sent.push(entry.id) },
  };
});

function waits(conversation, id, at) {
  const key = `queue:ada:${conversation}:${id}`;
  kept.set(key, JSON.stringify({ id, at, conversation }));
  globalThis.localStorage[key] = "";
}

const left = () => [...kept.keys()].map((key) => key.split(":").at(-1));

test("the first of each other conversation goes out behind a complete answer, one a look", async () => {
  const elsewhere = new Elsewhere(chat, "queue:");
  waits("c", "second", 2);
  waits("c", "first", 1);
  waits("d", "other", 3);
  waits("shown", "ours", 0);
  await elsewhere.look();
  assert.deepEqual(chat.sent, ["first", "other"]);
  assert.deepEqual(left(), ["second", "ours"]);
});

test("while an answer is being written it is asked for again, and behind a broken one not any more", async () => {
  const elsewhere = new Elsewhere(chat, "queue:");
  waits("c", "first", 1);
  last = "running";
  await elsewhere.look();
  last = "stopped";
  await elsewhere.look();
  await elsewhere.look();
  assert.deepEqual([asked.length, chat.sent, left()], [2, [], ["first"]]);
});

test("what waited in a conversation that is gone goes, and without a line nothing is asked", async () => {
  const elsewhere = new Elsewhere(chat, "queue:");
  waits("c", "first", 1);
  chat.line.state = "lost";
  await elsewhere.look();
  assert.deepEqual([asked, left()], [[], ["first"]]);
  chat.line.state = "open";
  last = null;
  await elsewhere.look();
  assert.deepEqual([chat.sent, left()], [[], []]);
});
