// What was written while an answer was being written: it goes out in its order when that has ended. Kept in the
// browser for all tabs of a conversation; whichever sends first, the same id is one message.
import { newId } from "../lib/ids.js";
import { kept } from "../lib/store.js";
import { tab } from "../lib/tab.js";
import { due, inOrder, putBack } from "../state/queue.js";
import { Elsewhere } from "./elsewhere.js";
import { outbox } from "./outbox.js";

const PREFIX = "queue:";
const OTHER_TAB_MS = 300; // before looking again whether it has sent what comes before
const HIDDEN_PAUSE_MS = 1000; // the tab that somebody looks at goes first

/** Tells the chat's listeners `queue` when it has changed. */
export class Queue {
  constructor(chat) {
    this.chat = chat;
    this.entries = [];
    this.loose = new Map(); // what storage had no room for lives as long as the page
    this.elsewhere = new Elsewhere(chat, PREFIX);
  }

  start() {
    this.heard = (event) => event.key?.startsWith(PREFIX) && this.refresh();
    window.addEventListener("storage", this.heard);
    this.chat.addEventListener("thread", () => this.look());
    this.chat.addEventListener("arrived", () => this.moveAlong());
    this.adopt();
    this.refresh();
    this.elsewhere.start();
  }

  stop() {
    this.elsewhere.stop();
    window.removeEventListener("storage", this.heard);
    clearTimeout(this.later);
  }

  /** A conversation that has no id yet is this tab's alone. */
  prefix(conversation) {
    return `${PREFIX}${this.chat.user.id}:${conversation ?? `new~${tab.id}`}:`;
  }

  /** What was to follow a first message of a tab that is gone follows it here: this tab sends that, too. */
  adopt() {
    const news = `${PREFIX}${this.chat.user.id}:new~`;
    for (const key of kept.keys(news)) {
      const entry = kept.read(key);
      if (this.shown || !entry || !tab.isGone(key.slice(news.length).split(":")[0])) continue;
      kept.remove(key);
      this.put(entry);
    }
  }

  key(entry) {
    return `${this.prefix(entry.conversation)}${entry.id}`;
  }

  get shown() {
    return this.chat.conversation?.id ?? null;
  }

  refresh() {
    const found = kept.keys(this.prefix(this.shown)).map((key) => kept.read(key));
    this.become(inOrder([...found.filter(Boolean), ...this.loose.values()]));
  }

  become(entries) {
    this.entries = entries;
    this.chat.tell("queue");
    this.look();
  }

  add(message) {
    this.put({ id: newId(), at: Date.now(), user: this.chat.user.id, conversation: this.shown, ...message });
  }

  put(entry) {
    if (!kept.write(this.key(entry), entry)) this.loose.set(entry.id, entry);
    if (entry.conversation !== this.shown) return;
    this.become(inOrder([...this.entries.filter((one) => one.id !== entry.id), entry]));
  }

  putBack(entry) {
    this.put(putBack(entry));
  }

  /** Out of the queue, to be changed or for good. Undefined when another tab has sent it meanwhile. */
  take(id) {
    const entry = this.entries.find((one) => one.id === id);
    if (!entry) return undefined;
    this.forget(entry);
    this.become(this.entries.filter((one) => one !== entry));
    return entry;
  }

  forget(entry) {
    kept.remove(this.key(entry));
    this.loose.delete(entry.id);
  }

  /** Another tab may have sent it, or somebody taken it back there. */
  stillHere(entry) {
    return this.loose.has(entry.id) || kept.read(this.key(entry)) !== null;
  }

  /** Send what may go; called whenever something has changed, so it asks storage only when it must. */
  look() {
    if (!this.entries.length) return;
    clearTimeout(this.later);
    const next = due(this.chat.thread, this.entries);
    if (!next) return this.lookIn((this.entries[0].notBefore ?? 0) - Date.now());
    if (this.isOvertaking()) return this.lookIn(OTHER_TAB_MS);
    return document.hidden ? this.lookLater(HIDDEN_PAUSE_MS, next) : this.send(next);
  }

  lookIn(ms) {
    if (ms > 0) this.later = setTimeout(() => this.look(), ms);
  }

  /** What another tab took from the queue is on its way and not heard of here yet: this would arrive first. */
  isOvertaking() {
    return outbox.isUnderWayElsewhere(this.chat.user.id, this.shown);
  }

  lookLater(ms, next) {
    this.later = setTimeout(() => {
      const now = due(this.chat.thread, this.entries);
      if (now?.id === next.id && !this.isOvertaking()) this.send(now);
      else this.look();
    }, ms);
  }

  sendNow(id) {
    this.send(this.entries.find((one) => one.id === id));
  }

  /** Into the outbox first, then out of the queue: at no moment it is nowhere. */
  send(entry) {
    if (!entry || !this.stillHere(entry)) return this.refresh();
    this.entries = this.entries.filter((one) => one !== entry); // before the thread changes and looks again
    this.chat.sending.dispatch({ ...entry, conversation: this.shown });
    this.forget(entry);
    this.become(this.entries);
  }

  /** The conversation has its id now. */
  moveAlong() {
    for (const entry of this.entries) {
      this.forget(entry);
      this.put({ ...entry, conversation: this.shown });
    }
  }
}
