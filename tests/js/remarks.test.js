import assert from "node:assert/strict";
import { test } from "node:test";

import { learn } from "../../static/js/lib/names.js";
import { showRemarks } from "../../static/js/views/remarks.js";

test("who answered for another is said, and nothing where nobody did", () => {
  const lines = {};
  const part = (name) => (lines[name] ??= { hidden: true, textContent: "" });
  showRemarks(part, { left_out: 0, model: "second", instead_of: "first" });
  assert.deepEqual(lines.instead, { hidden: false, textContent: "first could not answer; second did." });
  assert.equal(lines["left-out"].hidden, true);
  showRemarks(part, { left_out: 2, model: "first", instead_of: null });
  assert.equal(lines.instead.hidden, true);
  assert.equal(lines["left-out"].hidden, false);
});

test("who is known by a name is called by it", () => {
  learn({ second: "The Second" });
  const lines = {};
  const part = (name) => (lines[name] ??= { hidden: true, textContent: "" });
  showRemarks(part, { left_out: 0, model: "second", instead_of: "first-2024" });
  assert.equal(lines.instead.textContent, "first-2024 could not answer; The Second did.");
});

test("that a model did not see the pictures is said, and what it had instead", () => {
  const lines = {};
  const part = (name) => (lines[name] ??= { hidden: true, textContent: "" });
  showRemarks(part, { model: "small", sight: "read" });
  assert.deepEqual(lines.sight, {
    hidden: false,
    textContent: "small cannot see pictures. It answered from the text that was read in them.",
  });
  showRemarks(part, { model: "small", sight: "none" });
  assert.match(lines.sight.textContent, /no text was read in them/);
  showRemarks(part, { model: "eyes", sight: null });
  assert.equal(lines.sight.hidden, true);
});
