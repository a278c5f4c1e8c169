import { hide } from "../lib/changes.js";
import { Controller } from "../lib/controllers.js";
import { ask } from "../lib/dialog.js";
import { isComposing, sends } from "../lib/fields.js";
import { api } from "../live/api.js";
import { blanksOf, commandAt, filledIn, matching } from "../state/prompts.js";

const MOVES = ["ArrowLeft", "ArrowRight", "Home", "End"]; // of the caret: perhaps away from the slash

/** A slash at the start of a line lists the saved prompts; the one that is taken stands there instead. */
export class Prompts extends Controller {
  connect() {
    this.text = this.part("text");
    this.list = this.part("prompts");
    this.blanks = document.getElementById("blanks");
    this.on(this.text, "input click", this.look);
    this.on(this.text, "keyup", (event) => MOVES.includes(event.key) && this.look());
    this.on(this.text, "blur", this.close);
    this.on(this.element, "keydown", this.pressed, { capture: true }); // before the composer sends or stops
    this.on(this.list, "pointerdown", (event) => event.preventDefault()); // the text keeps the focus
    this.on(this.list, "click", this.clicked);
    this.on(this.blanks, "keydown", this.filling);
  }

  // The list --------------------------------------------------------------------------------------

  get command() {
    const { value, selectionStart: from, selectionEnd: to } = this.text;
    return from === to ? commandAt(value, to) : null;
  }

  async look() {
    if (!this.command) return this.leave();
    this.asked ??= api.get("prompts").catch(() => ({ items: [] }));
    const { items } = await this.asked;
    const { command } = this; // as it is by now
    if (!command) return this.leave();
    if (command.from !== this.refused) this.show(matching(items, command.typed));
  }

  /** The line is about something else: the next slash asks for the prompts anew. */
  leave() {
    this.asked = this.refused = null;
    this.close();
  }

  show(prompts) {
    this.list.replaceChildren(...prompts.map((prompt, index) => this.option(prompt, index)), this.manage());
    this.shown = prompts;
    this.list.hidden = !prompts.length && this.command.typed !== "";
    this.point(prompts.length ? 0 : null); // nobody leaves the page by an Enter that was not meant for that
  }

  /** Where they are written, at the end of the list. */
  manage() {
    return this.part("manage").content.firstElementChild.cloneNode(true);
  }

  option({ name, text }, index) {
    const option = this.part("prompt").content.firstElementChild.cloneNode(true);
    option.id = `prompt-option-${index}`;
    option.querySelector("b").textContent = `/${name}`;
    option.querySelector("span").textContent = text.slice(0, 200);
    return option;
  }

  point(to) {
    const options = [...this.list.children];
    const { length } = options;
    this.at = to === null ? -1 : (to + length) % length;
    options.forEach((option, index) => option.setAttribute("aria-selected", String(index === this.at)));
    options[this.at]?.scrollIntoView({ block: "nearest" });
    if (this.at >= 0) this.text.setAttribute("aria-activedescendant", options[this.at].id);
    else this.text.removeAttribute("aria-activedescendant");
  }

  close() {
    hide(this.list, true);
    this.text.removeAttribute("aria-activedescendant");
  }

  refuse() {
    this.refused = this.command?.from ?? null;
    this.close();
  }

  pressed(event) {
    const isOurs = event.target === this.text && !this.list.hidden && !isComposing(event);
    if (!isOurs || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = {
      ArrowDown: () => this.point(this.at + 1),
      ArrowUp: () => this.point(Math.max(this.at, 0) - 1),
      Enter: this.at >= 0 && (() => this.take(this.at)),
      Tab: this.at >= 0 && (() => this.take(this.at)),
      Escape: () => this.refuse(),
    }[event.key];
    if (act === false) this.close();
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  clicked(event) {
    const option = event.target.closest("[role=option]");
    if (option) this.take([...this.list.children].indexOf(option));
  }

  // The one that is taken -------------------------------------------------------------------------

  async take(at) {
    const { command } = this;
    const [prompt, { address }] = [this.shown[at], this.list.children[at].dataset];
    this.leave();
    if (!command) return;
    if (address) return this.goTo(address, command);
    const { text } = prompt;
    const blanks = blanksOf(text);
    const whole = blanks.length ? await this.fill(text, blanks) : text;
    this.text.focus();
    if (whole === null) return;
    this.text.setRangeText(whole, command.from, command.to, "end");
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Without the slash: what else is written is there when one comes back. */
  goTo(address, { from, to }) {
    this.text.setRangeText("", from, to, "end");
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
    window.location.assign(address);
  }

  /** Ask what belongs into the blanks. Null: nothing is put in. */
  async fill(text, blanks) {
    const rows = blanks.map((blank, index) => this.field(blank, index));
    this.blanks.querySelector("[data-part=fields]").replaceChildren(...rows);
    if ((await ask(this.blanks)) !== "yes") return null;
    const fields = this.blanks.querySelectorAll("textarea");
    return filledIn(text, new Map(blanks.map(({ name }, index) => [name, fields[index].value])));
  }

  field({ name, value }, index) {
    const row = this.blanks.querySelector("template").content.firstElementChild.cloneNode(true);
    const [label, field] = [row.querySelector("label"), row.querySelector("textarea")];
    label.textContent = name;
    label.htmlFor = field.id = `blank-${index}`;
    field.value = value;
    return row;
  }

  /** Enter is done with all of them, as it is with a message. */
  filling(event) {
    if (event.target.localName !== "textarea" || !sends(event)) return;
    event.preventDefault();
    this.blanks.querySelector("form").requestSubmit(this.blanks.querySelector("[value=yes]"));
  }
}
