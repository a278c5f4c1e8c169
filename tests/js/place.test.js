import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.window ??= {};
const { guessed } = await import("../../static/js/views/away.js");
const { nearest } = await import("../../static/js/views/around.js");
const { firstBelow } = await import("../../static/js/views/standing.js");
const { quoted } = await import("../../static/js/views/quote.js");

const standing = (bottoms) => bottoms.map((bottom) => ({ getBoundingClientRect: () => ({ bottom }) }));

test("the message at the top of the screen is the first that ends below it", () => {
  const messages = standing([-300, -10, 0, 40, 900]);
  assert.equal(firstBelow(messages, 0), messages[3]);
  assert.equal(firstBelow(messages, -1000), messages[0]);
  assert.equal(firstBelow(messages, 900), null);
  assert.equal(firstBelow([], 0), null);
});

test("what is nearest to the reader is made whole first, on either side", () => {
  const away = new Set([2, 7, 9]);
  const is = (at) => away.has(at);
  assert.equal(nearest(5, 0, 10, is), 7);
  assert.equal(nearest(4, 0, 10, is), 2);
  assert.equal(nearest(5, 3, 7, is), null);
  assert.equal(nearest(20, 0, 10, is), 9);
  assert.equal(nearest(0, 0, 0, is), null);
});

test("a quotation marks every line, empty ones too", () => {
  assert.equal(quoted("  one\n\n two \n"), "> one\n>\n>  two");
});

test("the place of a short question is as high as the question", () => {
  const own = (text) => guessed({ role: "user", text });
  assert.equal(own("Why?").toFixed(1), "93.6"); // as Chromium lays it out
  assert.ok(own("Why?\n\nAnd how?") > own("Why?\nAnd how?"));
  assert.ok(guessed({ role: "assistant", text: "So." }) > own("So."));
  assert.equal(guessed({ role: "assistant", text: "a\n\nb" }), guessed({ role: "assistant", text: "a\nb" }));
});
