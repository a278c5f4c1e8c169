import assert from "node:assert/strict";
import { test } from "node:test";

import { cause, filled, likelyCost, tokensOf } from "../../static/js/state/meter.js";

const context = { used: 500, window: 1200, reserved: 200, likely_cost: "0.001000" };

test("what is typed counts by its bytes, as the server estimates", () => {
  assert.equal(tokensOf(""), 0);
  assert.equal(tokensOf("Hello"), 2);
  assert.equal(tokensOf("日本"), 2); // six bytes
});

test("the meter is about the room there is, without what is kept for the answer", () => {
  assert.deepEqual(filled(context, ""), { tokens: 500, room: 1000, share: 0.5, level: "" });
  assert.equal(filled(context, "x".repeat(400)).tokens, 600);
});

test("pictures that are to be sent count and cost, too", () => {
  const pictures = { tokens: 100, cost: "0.000250" };
  assert.equal(filled(context, "xxxx", pictures).tokens, 601);
  assert.equal(likelyCost(context, "", { input: "2.50" }, pictures).toFixed(6), "0.001250");
  assert.equal(likelyCost(context, "", undefined, { tokens: 100, cost: null }), 0.001);
});

test("it warns from three quarters and again close to the end", () => {
  const level = (used) => filled({ ...context, used }, "").level;
  assert.deepEqual([749, 750, 949, 950, 4000].map(level), ["", "nearly", "nearly", "full", "full"]);
  assert.equal(filled({ ...context, used: 4000 }, "").share, 1);
  assert.equal(filled({ used: 0, window: 10, reserved: 10 }, "").share, 0);
});

test("what is typed costs what reading costs", () => {
  assert.equal(likelyCost(context, "", { input: "2.50" }), 0.001);
  assert.equal(likelyCost(context, "x".repeat(4000), { input: "2.50" }).toFixed(6), "0.003500");
  assert.equal(likelyCost({ ...context, likely_cost: null }, "x", null), null);
});

const thread = (status, model = "m") => ({
  conversation: { id: "c", model, options: {}, system_prompt: "", title: status },
  messages: [{ id: "q", status: "complete" }, { id: "a", status }],
});

test("the server is asked when an answer ended or the model is another one, and for nothing else", () => {
  const done = cause(thread("complete"));
  assert.equal(cause({ ...thread("complete"), pending: [{}] }), done);
  assert.notEqual(cause(thread("complete", "n")), done);
  assert.notEqual(cause({ ...thread("complete"), messages: [{ id: "b", status: "complete" }] }), done);
  assert.equal(cause(thread("running")), null);
  assert.equal(cause({ conversation: null, messages: [] }), null);
  assert.equal(cause({ ...thread("complete"), messages: [] }), null);
});
