import assert from "node:assert/strict";
import { test } from "node:test";

import { blanksOf, commandAt, filledIn, matching } from "../../static/js/state/prompts.js";

test("a slash at the start of a line, up to the caret, is a command", () => {
  assert.deepEqual(commandAt("/", 1), { from: 0, to: 1, typed: "" });
  assert.deepEqual(commandAt("Hello\n/let", 10), { from: 6, to: 10, typed: "let" });
  assert.deepEqual(commandAt("/letter", 4), { from: 0, to: 4, typed: "let" });
  assert.deepEqual(commandAt("/größe_2", 8), { from: 0, to: 8, typed: "größe_2" });
});

test("elsewhere a slash is a slash", () => {
  const others = [["", 0], ["/", 0], ["and/or", 6], [" /let", 5], ["/etc/hosts", 10], ["/a b", 4], ["/let\n", 5]];
  for (const [text, caret] of others) assert.equal(commandAt(text, caret), null, JSON.stringify(text));
  assert.equal(commandAt(`/${"x".repeat(41)}`, 42), null);
});

test("looking for a command in a long line costs nothing", () => {
  const text = `/${"x".repeat(4_000_000)}`;
  const began = performance.now();
  for (let n = 0; n < 100; n += 1) assert.equal(commandAt(text, 50), null);
  assert.ok(performance.now() - began < 1000);
});

test("names that begin so come before names that have it inside", () => {
  const prompts = ["agenda", "letter", "newsletter", "report"].map((name) => ({ name }));
  const names = (typed) => matching(prompts, typed).map(({ name }) => name);
  assert.deepEqual(names(""), ["agenda", "letter", "newsletter", "report"]);
  assert.deepEqual(names("LET"), ["letter", "newsletter"]);
  assert.deepEqual(names("x"), []);
});

test("blanks are asked for once each, in their order, with what stands there at first", () => {
  const text = "{{ whom }}, {{length: one page}}, {{whom}}, {{}}, {{a\nb}}, {{ }}, {single}, {{length:two}}";
  assert.deepEqual(blanksOf(text), [{ name: "whom", value: "" }, { name: "length", value: "one page" }]);
});

test("what is filled in is not looked into again, and nothing else is touched", () => {
  const values = new Map([["whom", "{{length}} $& $1"], ["length", ""]]);
  assert.equal(filledIn("To {{whom}}: {{ length :x}}|{{}}|{{ whom }}", values), "To {{length}} $& $1: |{{}}|{{length}} $& $1");
  assert.equal(filledIn("{{other}}", values), "{{other}}");
});

test("a prompt that was made to keep us busy does not", () => {
  const began = performance.now();
  for (const text of [`{{${" ".repeat(20_000)}`, "{{a:".repeat(5000), `{{a:${"x".repeat(20_000)}`]) {
    assert.deepEqual(blanksOf(text), []);
    assert.equal(filledIn(text, new Map([["a", "b"]])), text);
  }
  assert.ok(performance.now() - began < 1000);
});
