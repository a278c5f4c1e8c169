// The folders of the sidebar, and which conversations are being answered, as the line tells them.
import { kept } from "../lib/store.js";
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
    this.answering = { ...QUIET, running: new Set(page.answering ?? []), unread: this.unread() };
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
      const isOpen = this.chat.conversation?.id === frame.conversation && !document.hidden;
      this.answered(heard(this.answering, frame, isOpen));
    }
  }

  /** The reader has come (back) to what is open. */
  looked() {
    const conversation = this.chat.conversation?.id;
    if (document.hidden || !this.answering.unread.has(conversation)) return;
    const unread = new Set([...this.answering.unread].filter((id) => id !== conversation));
    this.answered({ ...this.answering, unread });
  }

  /** After a time without a line. */
  async catchUp() {
    const [folders, runs] = await Promise.all([api.get("folders"), api.get("runs")]);
    this.list = folders.items;
    const running = runs.items.map((run) => run.conversation);
    this.answered(caughtUp(this.answering, running, this.chat.conversation?.id));
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
    this.answering = answering;
    this.chat.tell("listing");
  }
}
