import assert from "node:assert/strict";
import { test } from "node:test";

import { USUAL, detailOf, effortsOf, fieldsOf, isNothing, isSeldom, isUsual, setupOf, withDetail } from "../../static/js/state/setup.js";

test("what the fields show is what they stand for", () => {
  const setup = {
    system_prompt: "Be brief.",
    options: {
      temperature: 0, top_p: 0.5, max_output_tokens: 100, reasoning_effort: "low", verbosity: "high", seed: 7,
      presence_penalty: -1, frequency_penalty: 0.5, stop: ["END", " two words "], detail: "low",
    },
  };
  const fields = fieldsOf(setup);
  assert.deepEqual(fields, {
    system_prompt: "Be brief.", temperature: "0", top_p: "0.5", max_output_tokens: "100", reasoning_effort: "low",
    verbosity: "high", seed: "7", presence_penalty: "-1", frequency_penalty: "0.5", stop: "END\n two words ",
  });
  assert.deepEqual(setupOf(fields, setup), setup);
});

test("an empty field is as usual, and an option without a field stays", () => {
  const before = { system_prompt: "x", options: { temperature: 1, seed: 7, stop: ["END"], detail: "low" } };
  const setup = setupOf(fieldsOf(USUAL), before);
  assert.deepEqual(setup, { system_prompt: "", options: { detail: "low" } });
});

test("lines without a word end nothing, and what few people set is known as such", () => {
  const before = { system_prompt: "", options: {} };
  const fields = { ...fieldsOf(before), stop: "\nEND\r\n  \nSTOP\n" };
  assert.deepEqual(setupOf(fields, before).options, { stop: ["END", "STOP"] });
  assert.ok(isSeldom(setupOf(fields, before)) && isSeldom({ options: { seed: 0 } }));
  assert.ok(!isSeldom({ options: { temperature: 0, detail: "low" } }));
});

test("only what says something is no longer usual", () => {
  assert.ok(isUsual(USUAL));
  assert.ok(isUsual({ system_prompt: " \n", options: {} }));
  assert.ok(!isUsual({ system_prompt: "", options: { temperature: 0 } }));
  assert.ok(!isUsual({ system_prompt: "Be brief.", options: {} }));
});

test("efforts are those that the model knows, and what was chosen stays in sight", () => {
  const all = ["", "none", "minimal", "low", "medium", "high", "max"];
  assert.deepEqual(effortsOf({ efforts: ["none", "low"] }, all, ""), ["", "none", "low"]);
  assert.deepEqual(effortsOf({ efforts: ["none", "low"] }, all, "max"), ["", "none", "low", "max"]);
  assert.deepEqual(effortsOf({ efforts: [] }, all, ""), ["", "minimal", "low", "medium", "high"]);
  assert.deepEqual(effortsOf(undefined, all, ""), ["", "minimal", "low", "medium", "high"]);
});

test("how closely pictures are looked at is kept, and the sheet does not show it", () => {
  const before = { system_prompt: "x", options: { seed: 7 } };
  const low = withDetail(before, "low");
  assert.deepEqual(low, { system_prompt: "x", options: { seed: 7, detail: "low" } });
  assert.deepEqual([detailOf(low), detailOf(before)], ["low", "auto"]);
  assert.deepEqual(withDetail(low, "auto"), before);
  const only = withDetail(USUAL, "high");
  assert.ok(isUsual(only) && !isNothing(only) && isNothing(USUAL));
  assert.deepEqual(setupOf(fieldsOf(USUAL), only), only);
});
