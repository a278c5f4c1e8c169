import { Controller } from "../lib/controllers.js";
import { hide, put } from "../lib/changes.js";
import { toField } from "../lib/fields.js";

/** A conversation that nobody wants to find again: chosen before it begins, kept after all if one likes. */
export class Temporary extends Controller {
  connect() {
    this.button = document.querySelector("[data-action='temporary#toggle']");
    this.on(this.shared, "thread arrived", this.show);
    this.show();
  }

  toggle() {
    this.shared.temporary = !this.shared.temporary;
    this.show();
  }

  show() {
    const { conversation, temporary } = this.shared;
    const isTemporary = conversation ? Boolean(conversation.expires_at) : Boolean(temporary);
    hide(this.element, !isTemporary);
    hide(this.part("keep"), !conversation);
    hide(this.button, Boolean(conversation));
    put(this.button, "aria-pressed", String(isTemporary));
  }

  async keep() {
    try {
      await this.shared.change(this.shared.conversation.id, { temporary: false });
      toField();
    } catch (error) {
      this.shared.tell("trouble", error.message);
    }
  }
}
