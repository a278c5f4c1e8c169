import { putBeside } from "../lib/beside.js";
import { Controller } from "../lib/controllers.js";
import { wasOpen } from "../lib/popover.js";

/** A menu in the top layer beside the button that opened it: arrows, Home, End, Esc, a click outside. */
export class Menu extends Controller {
  connect() {
    this.on(this.element, "keydown", this.pressed);
    this.on(this.element, "toggle", this.toggled);
    this.on(this.element, "click", (event) => event.target.closest("[role^=menuitem]") && this.element.hidePopover());
    this.on(document, "click", this.clicked);
    this.on(this.shared, "openmenu", ({ detail }) => detail.menu === this.element && this.openFrom(detail));
  }

  get items() {
    return [...this.element.querySelectorAll("[role^=menuitem]")].filter((item) => !item.hidden);
  }

  clicked(event) {
    const button = event.target.closest?.(`[data-menu="${this.element.id}"]`);
    if (!button) return;
    event.preventDefault();
    if (this.opener === button && wasOpen(this.element, event)) return this.element.hidePopover();
    const about = button.closest("[data-conversation], [data-folder]")?.dataset;
    this.open(button, about?.conversation ?? about?.folder ?? "", button.getBoundingClientRect());
  }

  open(opener, about, beside) {
    this.opener?.setAttribute("aria-expanded", "false");
    this.opener = opener;
    this.opener?.setAttribute("aria-expanded", "true");
    this.element.dataset.for = about;
    this.element.dataset.message = opener?.closest("[data-message]")?.dataset.message ?? "";
    this.element.dispatchEvent(new CustomEvent("menu", { bubbles: true }));
    this.element.showPopover();
    putBeside(this.element, beside);
    this.items[0]?.focus();
  }

  /** In the place of the menu that leads here, for the same thing; the focus goes back to its opener. */
  openFrom({ beside: menu, conversation }) {
    const opener = document.querySelector(`[data-menu="${menu.id}"][aria-expanded="true"]`);
    queueMicrotask(() => {
      menu.hidePopover();
      this.open(opener, conversation, opener.getBoundingClientRect());
    });
  }

  toggled({ newState }) {
    this.opener?.setAttribute("aria-expanded", String(newState === "open"));
    const inside = this.element.contains(document.activeElement) || document.activeElement === document.body;
    if (newState === "closed" && inside) this.opener?.focus();
  }

  pressed(event) {
    const { items } = this;
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Tab") this.element.hidePopover();
    if (to === undefined) return;
    event.preventDefault();
    items.at(to % items.length)?.focus();
  }
}
