// What waits in other conversations than the one that is shown: whoever turned to another one is not to come
// back for it. Asked for now and then, and only while something waits there.
import { kept } from "../lib/store.js";
import { inOrder } from "../state/queue.js";
import { api } from "./api.js";

const LOOK_EVERY_MS = 5000;

export class Elsewhere {
  constructor(chat, prefix) {
    this.chat = chat;
    this.prefix = `${prefix}${chat.user.id}:`;
    this.held = new Set(); // conversations in which it waits for its person: not asked for again
  }

  start() {
    this.looks = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  stop() {
    clearInterval(this.looks);
  }

  /** The first of each conversation that another page has left. */
  heads() {
    const entries = kept.keys(this.prefix).map((key) => kept.read(key)).filter((entry) => entry?.conversation);
    const heads = new Map();
    for (const entry of inOrder(entries)) {
      const { conversation } = entry;
      const isOurs = !this.chat.shows(conversation) && !this.held.has(conversation);
      if (isOurs && !heads.has(conversation)) heads.set(conversation, entry);
    }
    return [...heads.values()];
  }

  async look() {
    if (this.looking || this.chat.line.state !== "open") return;
    this.looking = true;
    for (const entry of this.heads()) await this.send(entry).catch(() => {}); // it is looked at again
    this.looking = false;
  }

  /** As in the conversation itself: only behind an answer that is complete. */
  async send(entry) {
    const key = `${this.prefix}${entry.conversation}:${entry.id}`;
    const last = await this.lastOf(entry.conversation);
    if (last === null) return kept.remove(key);
    if (last.status !== "complete" && last.status !== "running") this.held.add(entry.conversation);
    if (last.status !== "complete" || !kept.read(key)) return;
    this.chat.sending.dispatch(entry);
    kept.remove(key);
  }

  /** Its last message, or null when the conversation is gone. */
  async lastOf(conversation) {
    try {
      const { items } = await api.get(`conversations/${conversation}/messages?limit=1`);
      return items.at(-1) ?? { status: "complete" };
    } catch (error) {
      if (error.code === "not_found") return null;
      throw error;
    }
  }
}
