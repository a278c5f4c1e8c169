import assert from "node:assert/strict";
import { test } from "node:test";

import { points, pointsAfter, pointsBefore } from "../../static/js/lib/points.js";
import { append, counted, cutTo, merged } from "../../static/js/state/answer.js";

const TEXT = "né 👩‍🔬 a🙂b";

test("positions count code points, as the server counts them", () => {
  assert.equal(points(TEXT), [...TEXT].length);
  for (let at = 0; at <= points(TEXT); at += 1) {
    assert.equal(pointsBefore(TEXT, at) + pointsAfter(TEXT, at), TEXT);
    assert.equal(points(pointsBefore(TEXT, at)), at);
  }
});

test("deltas cut anywhere give the whole text", () => {
  for (let size = 1; size <= 4; size += 1) {
    let answer = counted({ text: "" });
    const all = [...TEXT];
    for (let at = 0; at < all.length; at += size) {
      answer = append(answer, { at, text: all.slice(at, at + size).join("") });
    }
    assert.equal(answer.text, TEXT);
    assert.equal(answer.points, all.length);
  }
});

test("an overlap is cut, and a repetition changes nothing", () => {
  const answer = append(counted({ text: "🙂one" }), { at: 2, text: "ne two" });
  assert.equal(answer.text, "🙂one two");
  assert.equal(append(answer, { at: 0, text: "🙂one" }), answer);
});

test("a gap is marked and nothing is added", () => {
  const answer = append(counted({ text: "one" }), { at: 5, text: "three" });
  assert.equal(answer.text, "one");
  assert.ok(answer.gap);
});

test("thinking grows beside the text", () => {
  const answer = append(counted({ text: "x" }), { at: 0, text: "hm" }, "reasoning");
  assert.deepEqual([answer.reasoning, answer.thought, answer.text], ["hm", 2, "x"]);
});

test("who holds more than the whole cuts, who holds less has a gap", () => {
  assert.equal(cutTo(counted({ text: "a🙂b" }), 2).text, "a🙂");
  assert.ok(cutTo(counted({ text: "a" }), 2).gap);
});

test("a look at the server never takes shown text away while the answer runs", () => {
  const held = counted({ text: "one two", status: "running" });
  assert.equal(merged(held, { text: "one", status: "running" }).text, "one two");
  assert.equal(merged(held, { text: "one", status: "stopped" }).text, "one");
});
