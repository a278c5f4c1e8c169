import { Controller } from "../lib/controllers.js";
import { isMac, shortcut } from "../lib/shortcuts.js";

const TEXT = "input, textarea, select, [contenteditable]";
// What a shortcut presses, one after the other; only what can be seen is pressed.
const PRESSES = {
  new: [".shelf-new"],
  shelf: ['[data-action="shelf#toggle"]'],
  code: ['.message .code [data-part="copy"]'],
  copy: ['.message.answer:last-of-type [data-action="thread#copyMessage"]'],
  remove: [".bar [data-part=actions]", '#conversation-menu [data-action="shelf#remove"]'],
};

/** The shortcuts of the page, and the dialog that lists them. */
export class Shortcuts extends Controller {
  connect() {
    this.on(document, "keydown", this.pressed);
    if (isMac(navigator.platform)) for (const key of this.element.querySelectorAll("[data-mod]")) key.textContent = "⌘";
  }

  pressed(event) {
    const name = shortcut(event, Boolean(event.target.closest?.(TEXT)));
    if (!name || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    if (name === "list") this.open();
    else if (name === "write") document.getElementById("message")?.focus();
    else for (const place of PRESSES[name]) press(place);
  }

  open() {
    this.element.showModal();
  }
}

function press(place) {
  const found = [...document.querySelectorAll(place)].filter((one) => one.checkVisibility());
  found.at(-1)?.click();
}
