import { Controller } from "../lib/controllers.js";

const WAYS = { ArrowLeft: "prev", ArrowRight: "next" };
// Where the arrows mean something already: letters, choices, what scrolls sideways.
const TAKEN = "input, textarea, select, [contenteditable], pre, [role=slider]";

/** What stands before and after this page, by the arrow keys. */
export class Neighbours extends Controller {
  connect() {
    this.on(document, "keydown", this.go);
  }

  go(event) {
    const way = WAYS[event.key];
    const isPlain = !(event.altKey || event.ctrlKey || event.metaKey || event.shiftKey);
    if (!way || !isPlain || event.target.closest?.(TAKEN)) return;
    this.element.querySelector(`a[rel="${way}"]`)?.click();
  }
}
