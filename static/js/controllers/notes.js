import { Controller } from "../lib/controllers.js";
import { askForNotes, canNote, noMoreNotes, wantsNotes } from "../lib/notes.js";

/** The setting: a notification when an answer is ready in a hidden tab. */
export class Notes extends Controller {
  connect() {
    this.box = this.element.querySelector("input");
    this.box.disabled = !canNote();
    this.part("cannot").hidden = canNote();
    this.on(this.box, "change", this.changed);
    this.show();
    this.watch();
  }

  /** Whoever changes it in the browser sees it here at once. */
  async watch() {
    const permission = await navigator.permissions?.query({ name: "notifications" }).catch(() => null);
    if (permission && canNote()) this.on(permission, "change", this.show);
  }

  show() {
    this.box.checked = wantsNotes();
    const allowed = canNote() ? Notification.permission : null;
    this.part("asks").hidden = allowed !== "default";
    this.part("denied").hidden = allowed !== "denied";
  }

  async changed() {
    if (this.box.checked) await askForNotes();
    else noMoreNotes();
    this.show();
  }
}
