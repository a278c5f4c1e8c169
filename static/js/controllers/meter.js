import { putBeside } from "../lib/beside.js";
import { hide, put } from "../lib/changes.js";
import { Controller } from "../lib/controllers.js";
import { whenIdle } from "../lib/idle.js";
import { wasOpen } from "../lib/popover.js";
import { words } from "../lib/words.js";
import { api } from "../live/api.js";
import { cause, filled, likelyCost } from "../state/meter.js";
import { rowsOf } from "../views/pairs.js";

/** How full the model's window is: a ring beside the button to send, and a card that says it in words. */
export class Meter extends Controller {
  connect() {
    this.button = document.querySelector("[data-part=meter]");
    this.arc = this.button.querySelector("[data-part=arc]");
    this.text = document.querySelector("#message");
    this.context = null;
    this.pictures = undefined; // what those take that are about to be sent
    this.on(this.shared, "thread", this.changed);
    this.on(this.text, "input", this.show);
    this.on(this.shared, "reckoned", this.reckoned);
    this.on(this.element, "toggle", this.toggled);
    whenIdle(() => this.changed());
  }

  /** Told with every token of an answer, and asks at its end. */
  changed() {
    if (!this.shared.thread.messages.length) this.context = null;
    const now = cause(this.shared.thread);
    if (now && now !== this.asked) this.ask(now);
    if (this.text.value.length !== this.shownLength || !this.context !== this.button.hidden) this.show();
  }

  reckoned({ detail }) {
    this.pictures = detail;
    this.show();
  }

  async ask(now) {
    this.asked = now;
    const { conversation, messages } = this.shared.thread;
    try {
      const context = await api.get(`conversations/${conversation.id}/context?leaf=${messages.at(-1).id}`);
      if (this.asked !== now) return;
      this.context = context;
      this.show();
    } catch {
      // The next answer asks again; nobody is to be troubled for a meter.
    }
  }

  show() {
    this.shownLength = this.text.value.length;
    hide(this.button, !this.context);
    if (!this.context) return;
    const { share, level } = filled(this.context, this.text.value, this.pictures);
    put(this.button, "data-level", level);
    put(this.button, "title", words.contextUsed(share));
    put(this.button, "aria-label", words.contextUsed(share));
    put(this.arc, "stroke-dasharray", `${Math.round(share * 100)} 100`);
    if (this.element.matches(":popover-open")) this.tell();
  }

  // The card --------------------------------------------------------------------------------------

  toggle(event, opener) {
    if (this.opener === opener && wasOpen(this.element, event)) return this.element.hidePopover();
    this.opener = opener;
    this.tell();
    this.element.showPopover();
    putBeside(this.element, opener.getBoundingClientRect());
    this.element.focus({ preventScroll: true }); // so that it is read out; the button gets it back
  }

  tell() {
    const { context, text } = this;
    if (!context) return; // it is on its way; what the card explains is there
    const model = this.shared.models.find((one) => one.id === context.model);
    const cost = likelyCost(context, text.value, model?.prices, this.pictures);
    const facts = words.context({
      ...context,
      ...filled(context, text.value, this.pictures),
      exact: context.exact && !text.value && !this.pictures,
      model: model?.name ?? context.model,
      cost,
    });
    this.part("list").replaceChildren(...facts.flatMap(rowsOf));
  }

  toggled({ newState }) {
    this.opener?.setAttribute("aria-expanded", String(newState === "open"));
  }
}
