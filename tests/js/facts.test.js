import assert from "node:assert/strict";
import { test } from "node:test";

import { words } from "../../static/js/lib/words.js";

const USAGE = { input_tokens: 11, cached_input_tokens: 0, output_tokens: 7, reasoning_tokens: 0 };

test("under an answer stand its tokens and its price, and that it was kept", () => {
  assert.match(words.inShort({ usage: USAGE, cost: "0.250000" }), /^18 tokens · .*0\.25/);
  assert.equal(words.inShort({ usage: USAGE, cost: "0.000000", cached: true }), "18 tokens · kept answer");
  assert.equal(words.inShort({ usage: null, cost: "0.000000", cached: true }), "kept answer");
  assert.equal(words.inShort({ usage: null, cost: null, cached: false }), "Details");
});

test("the card says where a kept answer comes from, and of no other", () => {
  const names = (message) => words.facts(message).map(([name]) => name);
  assert.ok(names({ model: "m", usage: USAGE, cost: "0", cached: true }).includes("Comes from"));
  assert.ok(!names({ model: "m", usage: USAGE, cost: "0", cached: false }).includes("Comes from"));
});
