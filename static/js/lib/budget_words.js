// What is said of a budget with little left.
import { fill, gettext, ngettext, number } from "./gettext.js";
import { dayAndTime } from "./moments.js";

const DOLLARS = { style: "currency", currency: "USD", minimumFractionDigits: 2 };

/** Of less than a dollar what is under a cent counts, too (usage/too_much.py says it likewise). */
function money(left) {
  return number(left, { ...DOLLARS, maximumFractionDigits: left >= 1 ? 2 : left >= 0.0001 ? 4 : 6 });
}

function amount(measure, left) {
  if (measure === "money") return money(left);
  if (measure === "tokens") return fill(ngettext("{count} token", "{count} tokens", left), { count: number(left) });
  return fill(ngettext("{count} message", "{count} messages", left), { count: number(left) });
}

export function budgetWords({ name, measure, state, renews_at: renews }, left) {
  const names = { name, when: dayAndTime(renews) };
  if (state === "full") return fill(gettext("The budget “{name}” is used up. It renews: {when}."), names);
  if (left === null) return fill(gettext("Most of the budget “{name}” is used. It renews: {when}."), names);
  const told = gettext("Left of the budget “{name}”: {left}. It renews: {when}.");
  return fill(told, { ...names, left: amount(measure, left) });
}
