import { Controller } from "../lib/controllers.js";
import { askForNotes, canNote, noMoreNotes, wantsNotes } from "../lib/notes.js";

/** The setting: a notification when an answer is ready in a hidden tab. */
export class Notes extends Controller {
  connect() {
    this.box = this.element.querySelector("input");
    this.box.disabled = !canNote();
    this.box.checked = wantsNotes();
    this.part("cannot").hidden = canNote();
    this.on(this.box, "change", this.changed);
  }

  async changed() {
    if (this.box.checked) this.box.checked = await askForNotes();
    else noMoreNotes();
    this.part("denied").hidden = !(Notification.permission === "denied");
  }
}
