import assert from "node:assert/strict";
import { before, test } from "node:test";

let fields;
let thumb = false;

before(async () => {
  globalThis.CSS = { supports: () => true };
  globalThis.window = { matchMedia: () => ({ get matches() {
    return thumb;
  } }) };
  fields = await import("../../static/js/lib/fields.js");
});

const ENTER = { key: "Enter", keyCode: 13 };

test("Enter sends, with Shift it breaks the line, and other keys do nothing", () => {
  assert.ok(fields.sends(ENTER));
  assert.ok(!fields.sends({ ...ENTER, shiftKey: true }));
  assert.ok(!fields.sends({ key: "a", keyCode: 65 }));
});

test("Enter that ends a composition of an input method never sends, in whatever way a browser says so", () => {
  assert.ok(!fields.sends({ ...ENTER, isComposing: true }));
  assert.ok(!fields.sends({ ...ENTER, keyCode: 229 }));
  assert.ok(!fields.sends({ ...ENTER, keyCode: 229, ctrlKey: true }));
});

test("a key is an input method's own as browsers say it, each in its way", () => {
  assert.ok(fields.isComposing({ isComposing: true, keyCode: 13 }));
  assert.ok(fields.isComposing({ isComposing: false, keyCode: 229 }));
  assert.equal(fields.isComposing({ keyCode: 27 }), false);
});

test("a thumb has no Shift: there Enter breaks the line", () => {
  thumb = true;
  assert.ok(!fields.sends(ENTER));
  assert.ok(fields.sends({ ...ENTER, ctrlKey: true }));
  thumb = false;
});

test("the focus goes back to the field, but under a thumb, where that would call up the keyboard", () => {
  let focused = 0;
  globalThis.document = { getElementById: (id) => (id === "message" ? { focus: () => (focused += 1) } : null) };
  fields.toField();
  assert.equal(focused, 1);
  thumb = true;
  fields.toField();
  thumb = false;
  assert.equal(focused, 1);
  globalThis.document = { getElementById: () => null }; // a page without one
  fields.toField();
});
