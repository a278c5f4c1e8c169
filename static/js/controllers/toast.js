import { Controller } from "../lib/controllers.js";
import { toField } from "../lib/fields.js";
import { fill } from "../lib/gettext.js";
import { keptInThisTab } from "../lib/store.js";
import { words } from "../lib/words.js";

const SHOWN_MS = 10_000;
const NOTE_MS = 5_000;
const KEY = "toast";

/** What was just done, and how it is taken back: for some ten seconds, longer while one is at it. It
    outlives the way to another page, because deleting what is open leads to one. What cannot be taken back
    is a note beside it. */
export class Toast extends Controller {
  connect() {
    this.card = this.part("card");
    this.on(this.shared, "removed", ({ detail }) => this.show("restore", detail));
    this.on(this.shared, "archived", ({ detail }) => this.show("unarchive", detail));
    this.on(this.shared, "said", ({ detail }) => this.note(detail));
    this.on(this.shared, "attached", this.rise);
    this.rise();
    this.on(this.card, "pointerenter focusin", () => clearTimeout(this.timer));
    this.on(this.card, "pointerleave focusout", () => this.wait(SHOWN_MS));
    const before = keptInThisTab.read(KEY);
    if (before && Date.now() < before.until) this.present(before);
  }

  disconnect() {
    super.disconnect();
    clearTimeout(this.timer);
    clearTimeout(this.noteTimer);
  }

  /** With pictures above the field the composer is taller: what may be pressed there is not covered. Not by a
      `.chat:has(…)`: for each change on the page all of its styles would be found anew. */
  rise() {
    this.element.toggleAttribute("data-higher", Boolean(document.querySelector(".composer .attachment")));
  }

  note(sentence) {
    const note = this.part("note");
    note.textContent = sentence;
    note.hidden = false;
    clearTimeout(this.noteTimer);
    this.noteTimer = setTimeout(() => (note.hidden = true), NOTE_MS);
  }

  show(undo, { id, title }) {
    const wasOpen = undo === "restore" && window.location.pathname === `/c/${id}/`;
    const shown = { undo, id, title: title || words.newConversation, wasOpen, until: Date.now() + SHOWN_MS };
    keptInThisTab.write(KEY, shown);
    this.present(shown);
  }

  present(shown) {
    this.shown = shown;
    const sentence = shown.undo === "restore" ? words.deleted : words.archived;
    this.part("sentence").textContent = fill(sentence, { title: shown.title });
    this.card.hidden = false;
    this.come();
    this.wait(shown.until - Date.now());
  }

  /** What is beside an open dialog can be neither seen well nor pressed. */
  come() {
    const dialog = document.querySelector("dialog[open]");
    if (!dialog || dialog.contains(this.element)) return;
    const { parentElement: home } = this.element;
    dialog.append(this.element);
    dialog.addEventListener("close", () => home.append(this.element), { once: true });
  }

  wait(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.close(), ms);
  }

  close() {
    clearTimeout(this.timer);
    keptInThisTab.remove(KEY);
    const hadFocus = this.card.contains(document.activeElement);
    this.card.hidden = true;
    if (!hadFocus) return;
    const dialog = this.element.closest("dialog");
    if (dialog) dialog.querySelector("button").focus({ preventScroll: true });
    else toField();
  }

  async undo() {
    const { undo, id, wasOpen } = this.shown;
    this.close();
    try {
      if (undo === "restore") await this.shared.restore(id);
      else await this.shared.change(id, { archived: false });
      if (wasOpen) window.location.assign(`/c/${id}/`);
    } catch (error) {
      this.shared.tell("trouble", error.message);
    }
  }
}
