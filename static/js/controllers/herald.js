import { Controller } from "../lib/controllers.js";
import { notify, wantsNotes } from "../lib/notes.js";
import { words } from "../lib/words.js";
import { messageOf } from "../state/thread.js";

const MARK = "● ";

/** An answer that ended while nobody looked: a mark in the title, and a notification if one wants it. */
export class Herald extends Controller {
  connect() {
    this.on(this.shared, "thread", this.look);
    this.on(document, "visibilitychange", this.seen);
    this.run = this.shared.run;
  }

  look() {
    const { run } = this.shared;
    const ended = this.run && this.run.id !== run?.id ? this.run : null;
    this.run = run;
    if (!document.hidden) return;
    if (ended) this.tell(ended);
    if (this.unread) this.mark(); // the title may have become another one
  }

  tell(run) {
    this.unread = true;
    const { conversation, thread } = this.shared;
    const status = messageOf(thread, run.message)?.status;
    if (!wantsNotes() || status === "stopped") return;
    const body = status === "complete" ? words.answerReady : words.answerBroken;
    notify(conversation?.title || document.title, { body, tag: run.id });
  }

  mark() {
    if (!document.title.startsWith(MARK)) document.title = MARK + document.title;
  }

  seen() {
    if (document.hidden || !this.unread) return;
    this.unread = false;
    if (document.title.startsWith(MARK)) document.title = document.title.slice(MARK.length);
  }
}
