import assert from "node:assert/strict";
import { test } from "node:test";
import { fill, gettext, speaker } from "../../static/js/lib/gettext.js";
import { words } from "../../static/js/lib/words.js";

test("without a catalogue it is said in English", () => {
  assert.equal(gettext("Copied"), "Copied");
  assert.equal(words.tooMany(1), "At most 1 picture fits into one message.");
  assert.equal(words.tooMany(10), "At most 10 pictures fit into one message.");
});

test("who stands in a line is told of their turn, and who is tried for again of the attempt", () => {
  assert.equal(words.retrying("Many ask.", 1, 30), "Many ask. It will be your turn in about 30 s.");
  assert.equal(words.retrying("It is away.", 2, 4), "It is away. Trying again in 4 s (attempt 2).");
  assert.equal(words.retrying("It is away.", 2, 0), "It is away. Trying again (attempt 2).");
});

test("one and many are said as the language counts", () => {
  const german = speaker({ "a day": ["ein Tag", "Tage"] }, "de");
  assert.equal(german.ngettext("a day", "days", 1), "ein Tag");
  assert.equal(german.ngettext("a day", "days", 0), "Tage");
  const polish = speaker({ "a day": ["dzień", "dni (2–4)", "dni"] }, "pl");
  assert.deepEqual([1, 3, 5].map((n) => polish.ngettext("a day", "days", n)), ["dzień", "dni (2–4)", "dni"]);
});

test("what nobody translated is said in English", () => {
  const german = speaker({ Copied: "Kopiert" }, "de");
  assert.equal(german.gettext("Copied"), "Kopiert");
  assert.equal(german.gettext("Done"), "Done");
  assert.equal(german.ngettext("{n} day", "{n} days", 2), "{n} days");
});

test("a brace without its word stays as it is, and a word in it is not looked at again", () => {
  assert.equal(fill("{a} and {b}", { a: "{b}" }), "{b} and {b}");
  assert.equal(fill("{count}", { count: 0 }), "0");
});
