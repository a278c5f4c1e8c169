import assert from "node:assert/strict";
import { test } from "node:test";

import { drawn, first, keyed, moved, pixels, resized } from "../../static/js/state/region.js";

const rounded = (box) => Object.fromEntries(Object.entries(box).map(([name, value]) => [name, Math.round(value * 1000) / 1000]));

test("a box is drawn from any corner to any other, and never leaves the picture", () => {
  const box = { x: 0.25, y: 0.5, width: 0.5, height: 0.25 };
  assert.deepEqual(drawn({ x: 0.25, y: 0.5 }, { x: 0.75, y: 0.75 }), box);
  assert.deepEqual(drawn({ x: 0.75, y: 0.75 }, { x: 0.25, y: 0.5 }), box);
  assert.deepEqual(drawn({ x: -1, y: -2 }, { x: 3, y: 4 }), { x: 0, y: 0, width: 1, height: 1 });
  const point = drawn({ x: 2, y: 2 }, { x: 2, y: 2 });
  assert.ok(point.width > 0 && point.x + point.width <= 1 && point.y + point.height <= 1);
});

test("it is moved without changing its size, and resized without leaving the picture", () => {
  assert.deepEqual(rounded(moved(first(), [5, -5])), { x: 0.4, y: 0, width: 0.6, height: 0.6 });
  assert.deepEqual(rounded(resized(first(), [5, -5])), { x: 0.2, y: 0.2, width: 0.8, height: 0.02 });
});

test("arrow keys move it, with Shift they change its size, other keys do nothing", () => {
  assert.deepEqual(rounded(keyed(first(), { key: "ArrowLeft" })), { x: 0.18, y: 0.2, width: 0.6, height: 0.6 });
  assert.deepEqual(rounded(keyed(first(), { key: "ArrowDown", shiftKey: true })), { x: 0.2, y: 0.2, width: 0.6, height: 0.62 });
  assert.equal(keyed(first(), { key: "Enter" }), null);
  assert.equal(keyed(first(), { key: "toString" }), null);
});

test("what is cut out is whole pixels of the picture, one at least", () => {
  assert.deepEqual(pixels(first(), { width: 1000, height: 500 }), { left: 200, top: 100, width: 600, height: 300 });
  assert.deepEqual(pixels({ x: 0.98, y: 0.98, width: 0.02, height: 0.02 }, { width: 3, height: 1 }), { left: 2, top: 0, width: 1, height: 1 });
  assert.deepEqual(pixels({ x: 0, y: 0, width: 1, height: 1 }, { width: 7, height: 9 }), { left: 0, top: 0, width: 7, height: 9 });
});
