import { Controller } from "../lib/controllers.js";
import { isForThumbs } from "../lib/fields.js";
import { quote } from "../views/quote.js";

const GAP_PX = 8;
const RESTS_MS = 400;

/** A button beside words that were selected in a message: they can be quoted. */
export class Quoting extends Controller {
  connect() {
    this.on(document, "selectionchange", this.soon);
    this.on(document, "pointerup keyup", this.soon);
    this.on(document, "scroll", () => this.element.hidePopover(), { capture: true });
    this.on(document, "keydown", this.pressed);
  }

  disconnect() {
    super.disconnect();
    clearTimeout(this.waiting);
  }

  /** Not while the mouse is still moving over words. A thumb selects by a long press, which no pointer ends:
      there it is enough that the selection rests. */
  soon({ type, key }) {
    const isShown = this.element.matches(":popover-open");
    if (key === "Escape" || (type === "selectionchange" && !isShown && !isForThumbs())) return;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.look(), isForThumbs() ? RESTS_MS : 0);
  }

  pressed(event) {
    if (event.key !== "Escape" || !this.element.matches(":popover-open")) return;
    event.preventDefault(); // and so nothing is stopped
    clearTimeout(this.waiting);
    this.element.hidePopover();
  }

  look() {
    const range = chosenWords();
    if (!range) return this.element.hidePopover();
    this.words = document.getSelection().toString();
    this.element.showPopover();
    this.place([...range.getClientRects()].at(-1) ?? range.getBoundingClientRect());
  }

  /** Below the end of what was selected: above it phones put a menu of their own. */
  place(end) {
    const { offsetWidth: width, offsetHeight: height, style } = this.element;
    const below = end.bottom + GAP_PX + height < window.innerHeight;
    style.top = `${below ? end.bottom + GAP_PX : end.top - GAP_PX - height}px`;
    style.left = `${Math.max(GAP_PX, Math.min(end.right - width, window.innerWidth - width - GAP_PX))}px`;
  }

  quote() {
    this.element.hidePopover();
    document.getSelection().removeAllRanges();
    quote(this.words);
  }
}

/** The range of what is selected, when it is words of one message. */
function chosenWords() {
  const selection = document.getSelection();
  if (selection.isCollapsed || !selection.toString().trim()) return null;
  const range = selection.getRangeAt(0);
  const place = range.commonAncestorContainer;
  const body = (place.nodeType === Node.ELEMENT_NODE ? place : place.parentElement).closest(".message .body");
  return body ? range : null;
}
