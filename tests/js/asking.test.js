import assert from "node:assert/strict";
import { test } from "node:test";

import { fitting, seeingInstead } from "../../static/js/state/asking.js";

const QUESTIONS = [{ id: "describe", least: 1 }, { id: "compare", least: 2 }, { id: "all", least: 10 }];
const names = (questions) => questions.map(({ id }) => id);

test("a question is offered from so many pictures on as it needs", () => {
  assert.deepEqual(names(fitting(QUESTIONS, 0)), []);
  assert.deepEqual(names(fitting(QUESTIONS, 1)), ["describe"]);
  assert.deepEqual(names(fitting(QUESTIONS, 2)), ["describe", "compare"]);
  assert.deepEqual(names(fitting(QUESTIONS, 10)), ["describe", "compare", "all"]);
});

test("in place of a model that cannot see the first that can is offered", () => {
  const models = [{ id: "small", vision: false }, { id: "eyes", vision: true }, { id: "more", vision: true }];
  assert.equal(seeingInstead(models, "small").id, "eyes");
  assert.equal(seeingInstead(models, "more"), null);
  assert.equal(seeingInstead(models, "gone"), null);
  assert.equal(seeingInstead([models[0]], "small"), null);
});
