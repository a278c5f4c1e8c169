import assert from "node:assert/strict";
import { test } from "node:test";

import * as answering from "../../static/js/state/answering.js";
import { caughtUp, changesByDrop, grouped, withConversations, withFolder, withoutFolder } from "../../static/js/state/listing.js";

const NOW = new Date(2026, 10, 21, 12);
const WORK = { id: "work", name: "Work", position: 0, folded: false };
const HOME = { id: "home", name: "Home", position: 1, folded: true };

function one(id, daysAgo, more = {}) {
  const at = new Date(NOW.getTime() - daysAgo * 86_400_000);
  return { id, title: id, pinned: false, archived: false, folder: null, updated_at: at.toISOString(), ...more };
}

const shape = (groups) => groups.map(({ key, items }) => [key, ...items.map(({ id }) => id)]);

test("pinned ones stand above folders, folders above days, months at the end", () => {
  const list = withConversations([], [
    one("new", 0), one("old", 70), one("older", 100), one("pin", 3, { pinned: true }), one("task", 1, { folder: "work" }),
    one("lost", 0, { folder: "gone" }), one("weeks", 20),
  ]);
  assert.deepEqual(shape(grouped(list, [WORK, HOME], { now: NOW })), [
    ["pinned", "pin"], ["folder:work", "task"], ["folder:home"], ["today", "new", "lost"], ["month", "weeks"],
    ["2026-09", "old"], ["2026-08", "older"],
  ]);
});

test("pinned ones keep the order of pinning whatever is said in them", () => {
  const pins = [one("b", 0, { pinned: true, pinned_at: "2026-01-02" }), one("a", 5, { pinned: true, pinned_at: "2026-01-01" })];
  assert.deepEqual(shape(grouped(withConversations([], pins), [], { now: NOW })), [["pinned", "a", "b"]]);
});

test("what is temporary is not listed, and is once it is kept", () => {
  const passing = one("t", 0, { expires_at: "2026-11-22" });
  assert.deepEqual(withConversations([one("t", 0)], [passing]), []);
  assert.equal(withConversations([], [{ ...passing, expires_at: null }]).length, 1);
});

test("after a time without a line the newest page is as the server has it", () => {
  const list = withConversations([], [one("a", 0), one("gone", 1), one("b", 2), one("far", 40)]);
  const page = [one("new", 0), one("a", 0), one("b", 2, { title: "renamed" })];
  const after = caughtUp(list, page, false);
  assert.deepEqual(after.map(({ title }) => title).sort(), ["a", "far", "new", "renamed"]);
  assert.deepEqual(caughtUp(list, [one("a", 0)], true).map(({ id }) => id), ["a"]);
  assert.deepEqual(caughtUp(list, [], true), []);
});

test("folders stand once each, in their order", () => {
  const both = withFolder(withFolder([], HOME), WORK);
  assert.deepEqual(both.map(({ id }) => id), ["work", "home"]);
  assert.deepEqual(withFolder(both, { ...HOME, position: 0, name: "H" }).map(({ name }) => name), ["H", "Work"]);
  assert.deepEqual(withoutFolder(both, "work"), [HOME]);
});

test("a drop changes what its place says, and nothing where it lay already", () => {
  const loose = one("x", 0);
  assert.deepEqual(changesByDrop(loose, "folder:work"), { folder: "work" });
  assert.deepEqual(changesByDrop(loose, "pinned"), { pinned: true });
  assert.equal(changesByDrop(loose, "yesterday"), null);
  const kept = one("x", 0, { pinned: true, folder: "work" });
  assert.deepEqual(changesByDrop(kept, "folder:work"), { pinned: false });
  assert.deepEqual(changesByDrop(kept, "today"), { pinned: false, folder: null });
  assert.equal(changesByDrop(kept, "pinned"), null);
});

test("an answer that ended where nobody looked is unread until it is opened", () => {
  let state = answering.heard(answering.QUIET, { conversation: "a", answering: true }, false);
  assert.deepEqual([...state.running], ["a"]);
  state = answering.heard(state, { conversation: "a", answering: false }, false);
  assert.deepEqual([[...state.running], [...state.unread]], [[], ["a"]]);
  assert.deepEqual([...answering.heard(state, { conversation: "a", answering: false }, true).unread], []);
  const never = answering.heard(answering.QUIET, { conversation: "b", answering: false }, false);
  assert.deepEqual([...never.unread], []);
  const back = answering.caughtUp({ running: new Set(["a", "b", "c"]), unread: new Set() }, ["b"], "c");
  assert.deepEqual([[...back.running], [...back.unread]], [["b"], ["a"]]);
});

test("a list of answers under way that was overtaken by the line does not undo what that told", () => {
  const state = { running: new Set(["began"]), unread: new Set() };
  const after = answering.caughtUp(state, ["ended", "other"], undefined, new Set(["began", "ended"]));
  assert.deepEqual([[...after.running].sort(), [...after.unread]], [["began", "other"], []]);
});
