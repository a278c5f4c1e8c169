const FAR_PX = 6; // less is a click with an unsteady hand
const HOLD_MS = 350; // of a finger, which else scrolls the row
const EDGE_PX = 36;
const SCROLL_PX = 12;

/** What stands in a row is dragged to another place: at once with a mouse, after a moment with a finger.
    `move(key, to)` at the end; `to` counts those of its kind from 0. */
export class Reordering {
  constructor(row, move) {
    Object.assign(this, { row, move, held: null, lifted: false });
    const on = (type, handler, options) => row.addEventListener(type, handler.bind(this), options);
    on("pointerdown", this.pressed);
    on("pointermove", this.dragged);
    on("pointerup", this.released);
    on("pointercancel", this.letGo);
    on("touchmove", (event) => this.lifted && event.preventDefault(), { passive: false });
    on("contextmenu", (event) => this.lifted && event.preventDefault());
    on("click", this.clicked, { capture: true });
  }

  pressed({ target, button, isPrimary, pointerId, pointerType, clientX }) {
    this.wasLifted = false;
    const grip = target.closest(".face, .open");
    if (!grip || button !== 0 || !isPrimary) return;
    const element = grip.closest("figure");
    this.held = { element, pointerId, from: clientX + this.row.scrollLeft };
    if (pointerType === "touch") this.timer = setTimeout(() => this.lift(), HOLD_MS);
  }

  lift() {
    const { element, pointerId } = this.held;
    this.lifted = this.wasLifted = true;
    this.to = null;
    element.dataset.lifted = "";
    this.row.setPointerCapture(pointerId);
  }

  dragged({ clientX, pointerType }) {
    if (!this.held) return;
    const { element, from } = this.held;
    if (!this.lifted) {
      if (Math.abs(clientX + this.row.scrollLeft - from) < FAR_PX) return;
      if (pointerType === "touch") return this.letGo(); // it scrolls
      this.lift();
    }
    this.scroll(clientX);
    element.style.translate = `${clientX + this.row.scrollLeft - from}px`;
    this.aim(clientX);
  }

  scroll(clientX) {
    const { left, right } = this.row.getBoundingClientRect();
    if (clientX < left + EDGE_PX) this.row.scrollLeft -= SCROLL_PX;
    if (clientX > right - EDGE_PX) this.row.scrollLeft += SCROLL_PX;
  }

  get others() {
    const { element } = this.held;
    const isText = element.classList.contains("text");
    return [...this.row.children].filter((one) => one !== element && one.classList.contains("text") === isText);
  }

  /** A line shows where it would stand. */
  aim(clientX) {
    const { others } = this;
    const isRtl = getComputedStyle(this.row).direction === "rtl";
    const isBefore = (one) => {
      const { left, width } = one.getBoundingClientRect();
      return isRtl ? clientX < left + width / 2 : clientX > left + width / 2;
    };
    this.to = others.filter(isBefore).length;
    this.unmark();
    if (this.to < others.length) others[this.to].dataset.drop = "before";
    else if (others.length) others.at(-1).dataset.drop = "after";
  }

  unmark() {
    for (const one of this.row.children) delete one.dataset.drop;
  }

  released() {
    const { held, to, lifted } = this;
    this.letGo();
    if (lifted && to !== null) this.move(held.element.dataset.key, to);
  }

  letGo() {
    clearTimeout(this.timer);
    if (this.lifted) {
      this.unmark();
      this.held.element.style.translate = "";
      delete this.held.element.dataset.lifted;
    }
    this.held = null;
    this.lifted = false;
  }

  /** The click at the end of a drag is none. */
  clicked(event) {
    if (!this.wasLifted) return;
    this.wasLifted = false;
    event.stopPropagation();
    event.preventDefault();
  }
}
