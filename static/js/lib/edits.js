// Edits that were begun and not sent: they outlive reloads and signing in again in this tab.
import { keptInThisTab } from "./store.js";

const PREFIX = "edit:";

export const edits = {
  of: (user) => keptInThisTab.keys(`${PREFIX}${user}:`).map((key) => key.split(":").at(-1)),
  read: (user, message) => keptInThisTab.read(`${PREFIX}${user}:${message}`),
  keep: (user, message, written) => keptInThisTab.write(`${PREFIX}${user}:${message}`, written),
  forget: (user, message) => keptInThisTab.remove(`${PREFIX}${user}:${message}`),
};
