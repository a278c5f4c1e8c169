import assert from "node:assert/strict";
import { test } from "node:test";

import { matchesIn, occurrences, patternOf, placeOf, total } from "../../static/js/state/finding.js";

test("words are found whatever their case, and no character means more than itself", () => {
  assert.equal(occurrences("The harbour, the HARBOUR.", patternOf("Harbour")), 2);
  assert.equal(occurrences("Äpfel und äpfel", patternOf("ÄPFEL")), 2);
  for (const words of ["a.c", "(a", "[a-z]", "\\", "a|b", "^", "$5", "{1}", "*", "a/b-c", "🙂"]) {
    assert.equal(occurrences(`x ${words} y`, patternOf(words)), 1, words);
    assert.equal(occurrences("abc", patternOf(words)), 0, words);
  }
});

test("of spaces alone there is nothing to find", () => {
  assert.equal(patternOf("  "), null);
  assert.equal(patternOf(""), null);
});

test("matches are counted through the messages in their order", () => {
  const messages = [{ id: "a", text: "one two one" }, { id: "b", text: "two" }, { id: "c", text: "One" }];
  const found = matchesIn(messages, patternOf("one"));
  assert.deepEqual(found, [{ message: "a", matches: 2 }, { message: "c", matches: 1 }]);
  assert.equal(total(found), 3);
  assert.deepEqual([0, 1, 2, 3].map((nth) => placeOf(found, nth)), [
    { message: "a", at: 0 }, { message: "a", at: 1 }, { message: "c", at: 0 }, null,
  ]);
});
