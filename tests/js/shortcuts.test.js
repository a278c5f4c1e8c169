import assert from "node:assert/strict";
import { test } from "node:test";
import { isMac, shortcut } from "../../static/js/lib/shortcuts.js";

const press = (key, more = {}) => ({ key, code: "", ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more });
const CTRL_SHIFT = { ctrlKey: true, shiftKey: true };

test("a question mark opens the list, and is a question mark where one types", () => {
  assert.equal(shortcut(press("?", { shiftKey: true }), false), "list");
  assert.equal(shortcut(press("?", { shiftKey: true }), true), null);
  assert.equal(shortcut(press("/", { ctrlKey: true }), true), "list");
  assert.equal(shortcut(press("/", { ctrlKey: true, shiftKey: true, code: "Digit7" }), true), "list"); // German
});

test("Ctrl or ⌘, with Shift, also where one types", () => {
  assert.equal(shortcut(press("O", { ...CTRL_SHIFT, code: "KeyO" }), true), "new");
  assert.equal(shortcut(press("o", { metaKey: true, shiftKey: true, code: "KeyO" }), true), "new");
  assert.equal(shortcut(press("o", { ctrlKey: true, code: "KeyO" }), true), null);
  assert.equal(shortcut(press("O", { shiftKey: true, code: "KeyO" }), true), null);
});

test("by what is typed on a Latin layout, by its place on others", () => {
  assert.equal(shortcut(press(";", { ...CTRL_SHIFT, code: "Comma" }), true), "code"); // German: Shift and the comma
  assert.equal(shortcut(press("Ö", { ...CTRL_SHIFT, code: "Semicolon" }), true), "code");
  assert.equal(shortcut(press("Щ", { ...CTRL_SHIFT, code: "KeyO" }), true), "new"); // Russian
  assert.equal(shortcut(press("S", { ...CTRL_SHIFT, code: "KeyO" }), true), "shelf"); // Dvorak: what is typed
});

test("Esc alone, AltGr and an input method belong to others", () => {
  assert.equal(shortcut(press("Escape"), true), null);
  assert.equal(shortcut(press("Escape", { shiftKey: true }), true), "write");
  assert.equal(shortcut(press("?", { altKey: true }), false), null);
  assert.equal(shortcut(press("?", { isComposing: true }), false), null);
});

test("which machines have ⌘", () => {
  assert.ok(isMac("MacIntel") && isMac("iPad"));
  assert.ok(!isMac("Win32") && !isMac("Linux x86_64"));
});
