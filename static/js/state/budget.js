// Which budget is worth a word, of those that count for the person. Pure.

/** The tightest with little left; null: there is none. The server sorts them so. */
export function tightest(budgets) {
  const full = budgets.find((budget) => budget.state === "full");
  return full ?? budgets.find((budget) => budget.state === "warned") ?? null;
}

/** When it is asked again: after an answer, its title (on the ledger like all else) and a refusal. Null: not yet. */
export function occasion({ conversation, messages, pending }) {
  const last = messages.at(-1);
  const refused = pending.filter((one) => one.state === "unsent").length;
  if (last?.status === "running" || !(last || refused)) return null;
  return JSON.stringify([last?.id, last?.status, conversation?.title, refused]);
}

/** What was put away stays so until the budget renews, or is used up altogether. */
export function markOf({ scope, name, renews_at: renews, state }) {
  return [scope, name, renews, state].join("\n");
}

/** How much is left, as a number; null: nobody is told. */
export function leftOf({ left }) {
  return left === null ? null : Number(left);
}
