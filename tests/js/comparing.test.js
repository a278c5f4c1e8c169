import assert from "node:assert/strict";
import { test } from "node:test";

import { chosen, followed, pairOf } from "../../static/js/state/comparing.js";
import { WHOLE, frameOf } from "../../static/js/state/looking.js";

const STAGE = { width: 400, height: 400 };

test("the other picture shows the same part of it, as large", () => {
  const [wide, small] = [frameOf({ width: 4000, height: 2000 }, STAGE), frameOf({ width: 200, height: 100 }, STAGE)];
  assert.deepEqual(followed(WHOLE, wide, small), { scale: 1, x: 0, y: 0 });
  const { scale, x } = followed({ scale: 4, x: 200, y: 0 }, wide, small);
  assert.deepEqual({ scale, x }, { scale: 4, x: 100 });
  assert.equal(followed({ scale: 30, x: 0, y: 0 }, wide, small).scale, small.most);
});

test("the picture that was meant is shown with the one beside it", () => {
  assert.deepEqual(pairOf([1, 2], 0), [0, 1]);
  assert.deepEqual(pairOf([1, 2], 1), [0, 1]);
  assert.deepEqual(pairOf([1, 2, 3], 1), [1, 2]);
  assert.deepEqual(pairOf([1, 2, 3], 2), [1, 2]);
});

test("a picture that stands in the other pane changes places", () => {
  assert.deepEqual(chosen([0, 1], 0, 2), [2, 1]);
  assert.deepEqual(chosen([0, 1], 0, 1), [1, 0]);
  assert.deepEqual(chosen([0, 1], 1, 1), [0, 1]);
});
