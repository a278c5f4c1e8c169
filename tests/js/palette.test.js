import assert from "node:assert/strict";
import { test } from "node:test";

import { begins, groupsOf, isNarrowedBy, moved, narrowed } from "../../static/js/state/palette.js";

const ACTS = [{ label: "New conversation" }, { label: "Appearance: dark" }];
const talk = { id: "c1", title: "Boats", updated_at: "2026-11-01T00:00:00Z" };
const said = { message: "m1", role: "user", created_at: "2026-10-01T00:00:00Z", passage: [{ text: "a boat", match: true }] };
const FOUND = [{ conversation: talk, title: [{ text: "Boats", match: true }], matches: [said, { ...said, message: "m2" }], more: 4 }];

test("without words the recent ones stand there, and all that one can do", () => {
  const listing = Array.from({ length: 9 }, (_, index) => ({ ...talk, id: `c${index}` }));
  const groups = groupsOf({ typed: " ", listing, found: FOUND, acts: ACTS });
  assert.deepEqual(groups.map(({ name, items }) => [name, items.length]), [["recent", 7], ["acts", 2]]);
});

test("what was found stands under its conversation and leads to its message", () => {
  const [{ name, items }] = groupsOf({ typed: "boat", listing: [talk], found: FOUND, acts: ACTS });
  assert.equal(name, "found");
  assert.deepEqual(items.map((item) => [item.kind, item.href, item.more ?? 0]), [
    ["conversation", "/c/c1/", 0],
    ["passage", "/c/c1/#m-m1", 0],
    ["passage", "/c/c1/#m-m2", 4],
  ]);
});

test("what stands in a file is told with the name of the file", () => {
  const inFile = [{ ...FOUND[0], matches: [{ ...said, file: "a.md" }, said] }];
  const [{ items: [, first, second] }] = groupsOf({ typed: "boat", listing: [], found: inFile, acts: [] });
  assert.deepEqual([first, second].map(({ segments }) => segments.map(({ text }) => text).join("")), ["a.md: a boat", "a boat"]);
});

test("what was found by what was said in it alone opens there", () => {
  const untitled = [{ ...FOUND[0], title: [{ text: "Ships", match: false }] }];
  const [{ items: [head] }] = groupsOf({ typed: "boat", listing: [], found: untitled, acts: [] });
  assert.equal(head.href, "/c/c1/#m-m1");
});

test("an act is meant by the beginnings of its words", () => {
  assert.ok(begins("Appearance: dark", "dar") && begins("Appearance: dark", "dark app"));
  assert.ok(!begins("Appearance: dark", "ark") && !begins("Appearance: dark", " "));
  const groups = groupsOf({ typed: "dark", listing: [], found: [], acts: ACTS });
  assert.deepEqual(groups, [{ name: "acts", items: [ACTS[1]] }]);
});

test("the mark goes round and round, and nowhere where there is nothing", () => {
  assert.deepEqual([moved(0, -1, 3), moved(2, 1, 3), moved(0, 1, 3), moved(-1, 1, 3), moved(0, 1, 0)], [2, 0, 1, 0, -1]);
});

test("a filter comes and goes with its button, and what has a blank is typed on", () => {
  assert.equal(narrowed("boat", "has:code"), "boat has:code ");
  assert.equal(narrowed("boat has:code", "has:code"), "boat");
  assert.equal(narrowed("", "before:"), "before:");
  assert.equal(narrowed("boat before:2026 red", "before:"), "boat red");
  assert.ok(isNarrowedBy("boat Before:2026", "before:") && !isNarrowedBy("boat", "before:"));
});
