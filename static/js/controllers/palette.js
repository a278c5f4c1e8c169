import { Controller } from "../lib/controllers.js";
import { isComposing } from "../lib/fields.js";
import { isMac } from "../lib/shortcuts.js";
import { words } from "../lib/words.js";
import { api } from "../live/api.js";
import { groupsOf, isNarrowedBy, moved, narrowed } from "../state/palette.js";
import { row } from "../views/found.js";

const PAUSE_MS = 120; // in typing
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

/** Search over everything, and what one can do, in one field: Ctrl+K or ⌘K. */
export class Palette extends Controller {
  options = [];
  at = -1;

  connect() {
    this.field = this.part("field");
    this.list = this.part("list");
    this.found = [];
    this.asked = 0; // so many times: only the last answer counts
    this.acts = [...this.part("acts").content.children].map((element) => ({ element, label: element.textContent.trim() }));
    this.on(document, "keydown", this.pressedAnywhere);
    this.on(this.field, "input", this.typed);
    this.on(this.field, "keydown", this.pressed);
    this.on(this.element, "submit", (event) => event.preventDefault());
    this.on(this.element, "click", this.clicked);
    this.on(this.element, "close", this.closed);
    this.on(this.list, "pointermove", this.pointed);
    if (isMac(navigator.platform)) document.querySelector(".shelf-find [data-mod]").textContent = "⌘";
  }

  disconnect() {
    super.disconnect();
    clearTimeout(this.pause);
  }

  pressedAnywhere(event) {
    const isOurs = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
    if (!isOurs || !(event.key.toLowerCase() === "k" || event.code === "KeyK")) return;
    if (document.querySelector("dialog[open]:not(#palette)")) return;
    event.preventDefault();
    if (this.element.open) this.close();
    else this.open();
  }

  open() {
    this.element.showModal();
    this.field.select();
    this.show();
    this.typed();
  }

  close() {
    this.element.close();
  }

  closed() {
    clearTimeout(this.pause);
    this.asked += 1;
  }

  // Searching -------------------------------------------------------------------------------------

  typed() {
    const typed = this.field.value;
    clearTimeout(this.pause);
    this.asked += 1;
    for (const chip of this.element.querySelectorAll("[data-filter]")) {
      chip.setAttribute("aria-pressed", String(isNarrowedBy(typed, chip.dataset.filter)));
    }
    this.show();
    if (typed.trim()) this.pause = setTimeout(() => this.search(typed), PAUSE_MS);
    else this.say("");
  }

  async search(typed) {
    const asked = (this.asked += 1);
    try {
      const { items, ignored } = await api.get(`search?q=${encodeURIComponent(typed)}`);
      if (asked !== this.asked) return;
      this.found = items;
      this.show();
      this.say(items.length ? "" : words.nothingFound, ignored);
      this.part("count").textContent = words.conversationsFound(items.length);
    } catch (error) {
      if (asked === this.asked) this.say(error.message);
    }
  }

  say(sentence, ignored = []) {
    const note = this.part("note");
    note.textContent = [sentence, ...ignored.map(words.saysNothing)].filter(Boolean).join(" ");
    note.hidden = !note.textContent;
    this.part("count").textContent = "";
  }

  narrow(_event, chip) {
    this.field.value = narrowed(this.field.value, chip.dataset.filter);
    this.field.focus();
    this.field.setSelectionRange(this.field.value.length, this.field.value.length);
    this.typed();
  }

  // Showing ---------------------------------------------------------------------------------------

  /** What was found last stays until there is something newer: nothing jumps while one types. */
  show() {
    const typed = this.field.value;
    if (!typed.trim()) this.found = [];
    const inside = Boolean(this.shared.conversation);
    const acts = this.acts.filter(({ element }) => inside || element.dataset.act !== "inside");
    const groups = groupsOf({ typed, listing: this.shared.listing, found: this.found, acts });
    const before = this.options[this.at]?.dataset.key;
    this.list.replaceChildren(...groups.map((group) => this.group(group)));
    this.options = [...this.list.querySelectorAll("[role=option]")];
    this.options.forEach((option, index) => {
      option.id = `palette-option-${index}`;
      option.tabIndex = -1;
    });
    this.list.hidden = !this.options.length;
    this.field.setAttribute("aria-expanded", String(!this.list.hidden));
    const same = this.chosen ? this.options.findIndex((option) => option.dataset.key === before) : -1;
    this.point(same >= 0 ? same : 0, same >= 0);
  }

  group({ name, items }) {
    const element = this.part("group").content.firstElementChild.cloneNode(true);
    const heading = element.querySelector("p");
    heading.textContent = words[`palette_${name}`];
    heading.id = `palette-${name}`;
    element.setAttribute("aria-labelledby", heading.id);
    element.append(...items.map((item) => this.option(item)));
    return element;
  }

  option(item) {
    const element = item.element ? item.element.cloneNode(true) : row(this.part(item.kind), item);
    element.dataset.key = item.key ?? item.label;
    return element;
  }

  /** `chosen`: by the person, who wants it to stay. */
  point(to, chosen) {
    this.at = this.options.length ? to : -1;
    this.chosen = chosen;
    this.options.forEach((option, index) => option.setAttribute("aria-selected", String(index === this.at)));
    const option = this.options[this.at];
    if (option) this.field.setAttribute("aria-activedescendant", option.id);
    else this.field.removeAttribute("aria-activedescendant");
  }

  // Choosing --------------------------------------------------------------------------------------

  pressed(event) {
    if (isComposing(event)) return;
    if (event.key === "Enter") {
      event.preventDefault();
      this.options[this.at]?.dispatchEvent(new MouseEvent("click", {
        bubbles: true, cancelable: true, ctrlKey: event.ctrlKey, metaKey: event.metaKey,
      }));
    } else if (event.key in STEPS) {
      event.preventDefault();
      this.point(moved(this.at, STEPS[event.key], this.options.length), true);
      this.options[this.at]?.scrollIntoView({ block: "nearest" });
    }
  }

  /** Under the pointer, once it moves: a list that scrolls past it chooses nothing. */
  pointed(event) {
    const option = event.target.closest("[role=option]");
    if (option && (event.movementX || event.movementY)) this.point(this.options.indexOf(option), true);
  }

  /** Links lead by themselves, acts are heard by who does them; a click beside the sheet closes it. */
  clicked(event) {
    const option = event.target.closest("[role=option]");
    if (!option) return event.target === this.element && this.close();
    if (option.href && (event.ctrlKey || event.metaKey || event.shiftKey)) return;
    this.close();
    if (option.dataset.act === "inside") this.shared.tell("find", "");
  }
}
