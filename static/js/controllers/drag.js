import { Controller } from "../lib/controllers.js";
import { changesByDrop } from "../state/listing.js";

/** Conversations are dragged onto a folder, onto what is pinned, or out of both. Menus do the same by keyboard. */
export class Drag extends Controller {
  connect() {
    this.on(this.element, "dragstart", this.began);
    this.on(this.element, "dragover", this.over);
    this.on(this.element, "drop", this.dropped);
    this.on(this.element, "dragleave", this.left);
    this.on(document, "dragend", this.ended);
  }

  began(event) {
    const entry = event.target.closest?.(".entry");
    this.dragged = this.shared.listing.find((one) => one.id === entry?.dataset.conversation) ?? null;
    if (!this.dragged) return;
    event.dataTransfer.effectAllowed = "copyMove";
    entry.dataset.dragged = "";
  }

  changes(place) {
    return this.dragged && place ? changesByDrop(this.dragged, place.dataset.key) : null;
  }

  over(event) {
    const place = event.target.closest?.(".group");
    const fits = Boolean(this.changes(place));
    this.mark(fits ? place : null);
    if (!fits) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
  }

  mark(place) {
    for (const one of this.element.querySelectorAll("[data-over]")) if (one !== place) delete one.dataset.over;
    if (place) place.dataset.over = "";
  }

  left(event) {
    if (!this.element.contains(event.relatedTarget)) this.mark(null);
  }

  async dropped(event) {
    const changes = this.changes(event.target.closest?.(".group"));
    if (!changes) return;
    event.preventDefault();
    const { id } = this.dragged;
    this.ended();
    try {
      await this.shared.change(id, changes);
    } catch (error) {
      this.shared.tell("trouble", error.message);
    }
  }

  ended() {
    this.mark(null);
    this.dragged = null;
    for (const one of this.element.querySelectorAll("[data-dragged]")) delete one.dataset.dragged;
  }
}
