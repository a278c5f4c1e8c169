// The folders of the sidebar, and which conversations are being answered, as the line tells them.
import { caughtUp, heard, QUIET } from "../state/answering.js";
import { withFolder, withoutFolder } from "../state/listing.js";
import { api } from "./api.js";

/** Tells `chat` "listing" whenever one of them has changed. */
export class Folders {
  constructor(chat, page) {
    this.chat = chat;
    this.list = page.folders ?? [];
    this.answering = { ...QUIET, running: new Set(page.answering ?? []) };
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
    if (!this.answering.unread.has(conversation)) return;
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
    this.answering = answering;
    this.chat.tell("listing");
  }
}
