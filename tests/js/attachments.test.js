import assert from "node:assert/strict";
import { test } from "node:test";

import * as state from "../../static/js/state/attachments.js";

const IMAGE = { key: "1", kind: "image", name: "a.png" };
const FILE = { key: "2", kind: "file", name: "b.csv" };

test("what is on its way is not sent, and what has arrived is, each kind by itself", () => {
  let list = state.added([], [IMAGE, FILE]);
  assert.ok(state.underway(list));
  list = state.advanced(list, "1", { state: "ready", image: { id: "i" } });
  list = state.advanced(list, "2", { state: "failed" });
  assert.ok(!state.underway(list) && state.failed(list));
  assert.deepEqual([state.images(list), state.files(list)], [[{ id: "i" }], []]);
  list = state.advanced(list, "2", { state: "ready", file: { id: "f" } });
  assert.deepEqual([state.images(list), state.files(list)], [[{ id: "i" }], [{ id: "f" }]]);
  assert.deepEqual(state.removed(list, "1").map((one) => one.key), ["2"]);
});

test("room is counted for each kind", () => {
  const list = state.added([], [IMAGE, FILE, { ...FILE, key: "3" }]);
  assert.equal(state.roomFor(list, "image", 10), 9);
  assert.equal(state.roomFor(list, "file", 2), 0);
  assert.equal(state.roomFor(list, "file", 1), 0);
});

test("a drawing in SVG is a text, a photograph is a picture, and what has no type may be a text", () => {
  const kinds = ["image/png", "image/heic", "image/svg+xml", "text/csv", ""].map((type) => state.kindOf({ type }));
  assert.deepEqual(kinds, ["image", "image", "file", "file", "file"]);
});

test("a pasted text is kept until the server has it", () => {
  let list = state.added([], [{ ...FILE, text: "words" }, IMAGE]);
  assert.deepEqual(state.pasted(list), [{ name: "b.csv", text: "words" }]);
  assert.deepEqual(state.unfinished(list), [IMAGE.name]);
  list = state.advanced(list, "2", { state: "ready", file: { id: "f" } });
  assert.deepEqual(state.pasted(list), []);
  list = state.advanced(list, IMAGE.key, { state: "failed" });
  assert.deepEqual(state.unfinished(list), [IMAGE.name]);
  assert.deepEqual(state.unfinished(state.advanced(list, IMAGE.key, { state: "ready" })), []);
});

test("a second paste has a name of its own", () => {
  const list = [{ name: "Pasted text.txt" }, { name: "Pasted text 2.txt" }];
  assert.equal(state.nameFor([], "Pasted text.txt"), "Pasted text.txt");
  assert.equal(state.nameFor(list, "Pasted text.txt"), "Pasted text 3.txt");
  assert.equal(state.nameFor([{ name: "notes" }], "notes"), "notes 2");
});

test("only what may go well the next time is offered again", () => {
  assert.ok(["unreachable", "rate_limited", "unavailable"].every(state.mayPass));
  assert.ok(!["invalid", "too_large", "unsupported_image"].some(state.mayPass));
});
