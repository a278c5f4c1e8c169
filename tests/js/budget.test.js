import assert from "node:assert/strict";
import { test } from "node:test";

import { budgetWords } from "../../static/js/lib/budget_words.js";
import { leftOf, markOf, occasion, tightest } from "../../static/js/state/budget.js";

const one = { scope: "each", name: "Month", measure: "money", left: "1.500000", state: "warned", renews_at: "2026-12-01T00:00:00.000Z" };

test("a budget is worth a word once little of it is left, and most of all when it is used up", () => {
  const ok = { ...one, state: "ok" };
  const full = { ...one, state: "full", name: "Day" };
  assert.equal(tightest([]), null);
  assert.equal(tightest([ok]), null);
  assert.equal(tightest([one, ok]), one);
  assert.equal(tightest([one, full]), full);
});

test("it is asked again after an answer, after its title, and when a question is refused", () => {
  const thread = { conversation: { title: "" }, messages: [{ id: "a", status: "complete" }], pending: [] };
  const unsent = [{ state: "unsent" }];
  const running = [{ id: "a", status: "running" }];
  assert.equal(occasion({ conversation: null, messages: [], pending: [] }), null);
  assert.equal(occasion({ ...thread, messages: running }), null);
  assert.notEqual(occasion({ ...thread, conversation: { title: "Salt" } }), occasion(thread));
  assert.notEqual(occasion({ ...thread, pending: unsent }), occasion(thread));
  assert.equal(occasion({ ...thread, pending: [{ state: "sending" }] }), occasion(thread));
  assert.notEqual(occasion({ conversation: null, messages: [], pending: unsent }), null);
});

test("what was put away comes back in the next period, and when nothing is left", () => {
  assert.equal(markOf(one), markOf({ ...one, left: "0.100000" }));
  assert.notEqual(markOf(one), markOf({ ...one, state: "full" }));
  assert.notEqual(markOf(one), markOf({ ...one, renews_at: "2027-01-01T00:00:00.000Z" }));
});

test("it says how much is left, unless nobody is told what things cost", () => {
  assert.match(budgetWords(one, leftOf(one)), /^Left of the budget “Month”: \$1\.50\. It renews: .*2026/);
  assert.match(budgetWords(one, 0.0064), /: \$0\.0064\. /);
  assert.match(budgetWords(one, 0.00002), /: \$0\.00002\. /);
  assert.match(budgetWords({ ...one, measure: "tokens" }, 1), /: 1 token\. /);
  assert.match(budgetWords({ ...one, measure: "messages" }, 1200), /: 1,200 messages\. /);
  assert.match(budgetWords({ ...one, left: null }, leftOf({ left: null })), /^Most of the budget/);
  assert.match(budgetWords({ ...one, state: "full" }, 0), /is used up/);
});
