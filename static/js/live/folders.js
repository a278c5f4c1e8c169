// The folders of the sidebar, and which conversations are being answered, as the line tells them.
import { kept, keptInThisTab } from "../lib/store.js";
import { caughtUp, heard, QUIET } from "../state/answering.js";
import { withFolder, withoutFolder } from "../state/listing.js";
import { api } from "./api.js";

const MOST_UNREAD = 100;

/** Tells `chat` "listing" whenever one of them has changed. */
export class Folders {
  constructor(chat, page) {
    this.chat = chat;
    this.list = page.folders ?? [];
    this.key = `unread:${page.user.id}`;
    this.before = `answering:${page.user.id}`;
    this.told = new Set(); // of which conversations the line spoke while they were asked for
    // What was being answered on the page before this one, and is not any more, ended on the way.
    const running = new Set(keptInThisTab.read(this.before) ?? []);
    this.answering = { ...QUIET, running, unread: this.unread() };
    this.answered(caughtUp(this.answering, page.answering ?? [], this.open));
  }

  /** What is before the reader's eyes. */
  get open() {
    return document.hidden ? undefined : this.chat.conversation?.id;
  }

  /** What ended unseen is known to all tabs of this browser, and to the next page. */
  start() {
    this.storage = ({ key }) => {
      if (key !== this.key) return;
      this.answering = { ...this.answering, unread: this.unread() };
      this.chat.tell("listing");
      this.looked();
    };
    window.addEventListener("storage", this.storage);
    this.looked();
  }

  stop() {
    window.removeEventListener("storage", this.storage);
  }

  unread() {
    return new Set(kept.read(this.key) ?? []);
  }

  of(id) {
    return this.list.find((folder) => folder.id === id) ?? null;
  }

  heard(frame) {
    if (frame.type === "folder.updated") this.become(withFolder(this.list, frame.folder));
    if (frame.type === "folder.deleted") this.become(withoutFolder(this.list, frame.folder));
    if (frame.type === "conversation.answering") {
      this.told.add(frame.conversation);
      this.answered(heard(this.answering, frame, this.open === frame.conversation));
    }
  }

  /** The reader has come (back) to what is open. */
  looked() {
    const { open } = this;
    if (!this.answering.unread.has(open)) return;
    const unread = new Set([...this.answering.unread].filter((id) => id !== open));
    this.answered({ ...this.answering, unread });
  }

  /** The line is there for the first time: an answer may have ended between the page and the line. */
  async settle() {
    if (this.answering.running.size) await this.ask().catch(() => {}); // the next line asks again
  }

  /** After a time without a line. */
  async catchUp() {
    const [folders] = await Promise.all([api.get("folders"), this.ask()]);
    this.become(folders.items);
  }

  async ask() {
    this.told.clear();
    const { items } = await api.get("runs");
    this.answered(caughtUp(this.answering, items.map((run) => run.conversation), this.open, this.told));
  }

  async create(name) {
    const folder = await api.post("folders", { name });
    this.become(withFolder(this.list, folder));
    return folder;
  }

  async change(id, changes) {
    const folder = await api.patch(`folders/${id}`, changes);
    this.become(withFolder(this.list, folder));
  }

  async remove(id) {
    await api.delete(`folders/${id}`);
    this.become(withoutFolder(this.list, id));
  }

  become(list) {
    this.list = list;
    this.chat.tell("listing");
  }

  answered(answering) {
    if (answering.unread !== this.answering.unread) kept.write(this.key, [...answering.unread].slice(-MOST_UNREAD));
    keptInThisTab.write(this.before, [...answering.running]);
    this.answering = answering;
    this.chat.tell("listing");
  }
}
