import { Controller } from "../lib/controllers.js";

/** Files may be dropped anywhere on the page: a veil over all of it says so. What else is dragged about, and
    what comes from this page itself, is not ours. */
export class Dropping extends Controller {
  connect() {
    this.on(document, "dragstart", () => (this.isOwn = true));
    this.on(document, "dragend", this.ended);
    this.on(document, "dragenter dragover", this.over);
    this.on(document, "dragleave", (event) => event.relatedTarget || this.left());
    this.on(document, "drop", this.dropped);
    // While something is dragged there are none of these: it ended elsewhere, or by Esc.
    this.on(document, "keydown mousemove", this.ended);
  }

  isOurs({ defaultPrevented, dataTransfer }) {
    return !defaultPrevented && !this.isOwn && dataTransfer?.types.includes("Files");
  }

  over(event) {
    if (!this.isOurs(event)) return;
    event.preventDefault();
    const isClosed = Boolean(document.querySelector("dialog[open]"));
    event.dataTransfer.dropEffect = isClosed ? "none" : "copy";
    this.element.hidden = isClosed;
  }

  ended() {
    this.isOwn = false;
    this.left();
  }

  left() {
    if (!this.element.hidden) this.element.hidden = true;
  }

  dropped(event) {
    this.left();
    if (!this.isOurs(event)) return;
    event.preventDefault(); // else the browser would leave this page for the file
    if (!document.querySelector("dialog[open]")) this.shared.tell("dropped", event);
  }
}
