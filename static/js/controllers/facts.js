import { Controller } from "../lib/controllers.js";
import { nameOf } from "../lib/names.js";
import { wasOpen } from "../lib/popover.js";
import { words } from "../lib/words.js";
import { messageOf } from "../state/thread.js";
import { rowsOf } from "../views/pairs.js";

const GAP_PX = 6;

/** What is known of one answer: model, time, tokens, seconds, cost. One card for all of them. */
export class Facts extends Controller {
  connect() {
    this.on(this.element, "toggle", this.toggled);
  }

  toggle(event, button) {
    if (this.button === button && wasOpen(this.element, event)) return this.element.hidePopover();
    this.button = button;
    const message = messageOf(this.shared.thread, button.closest(".message").dataset.message);
    this.part("list").replaceChildren(...words.facts({ ...message, model: nameOf(message.model) }).flatMap(rowsOf));
    this.element.showPopover();
    this.place(button.getBoundingClientRect());
    this.element.focus({ preventScroll: true }); // so that it is read out; the button gets it back
  }

  /** Above the button, and never off the screen. */
  place(beside) {
    const { offsetWidth: width, offsetHeight: height, style } = this.element;
    const top = beside.top - GAP_PX - height;
    style.top = `${top > GAP_PX ? top : beside.bottom + GAP_PX}px`;
    style.left = `${Math.max(GAP_PX, Math.min(beside.left, window.innerWidth - width - GAP_PX))}px`;
  }

  toggled({ newState }) {
    this.button.setAttribute("aria-expanded", String(newState === "open"));
  }
}
