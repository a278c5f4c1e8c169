// Messages that were sent and not yet acknowledged. They outlive reloads, and the tab that sent them: the same
// id again, from whatever tab, is the same message. Each entry:
// {id, user, tab, at, conversation, text, images, files, options, edits?, sentence?}; with a sentence it was refused.
import { kept } from "../lib/store.js";
import { tab } from "../lib/tab.js";

const PREFIX = "outbox:";

function place(user, id) {
  return `${PREFIX}${user}:${id}`;
}

export const outbox = {
  /** What this tab has to look after: its own, and what a tab left that is gone. */
  of(user) {
    const entries = kept.keys(`${PREFIX}${user}:`).map((key) => kept.read(key)).filter(Boolean);
    return entries.filter((entry) => entry.tab === tab.id || tab.isGone(entry.tab)).sort((one, other) => one.at - other.at);
  },
  /** Whether another tab is sending something to this conversation just now. */
  isUnderWayElsewhere(user, conversation) {
    const entries = kept.keys(`${PREFIX}${user}:`).map((key) => kept.read(key)).filter(Boolean);
    return entries.some((entry) => {
      const isSent = entry.conversation === conversation && !entry.sentence;
      return isSent && entry.tab !== tab.id && !tab.isGone(entry.tab);
    });
  },
  put(entry) {
    kept.write(place(entry.user, entry.id), { at: Date.now(), ...entry, tab: tab.id });
  },
  remove(user, id) {
    kept.remove(place(user, id));
  },
};
