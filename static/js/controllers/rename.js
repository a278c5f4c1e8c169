import { Controller } from "../lib/controllers.js";
import { ask } from "../lib/dialog.js";
import { isComposing } from "../lib/fields.js";
import { words } from "../lib/words.js";

const MOST = 200;

/** A title is changed where it stands: by F2, a double click or the menu. Enter keeps it, Esc takes it back. */
export class Rename extends Controller {
  connect() {
    this.on(this.element, "keydown", this.pressed);
    this.on(this.element, "dblclick", this.doubled);
  }

  pressed(event) {
    const entry = event.key === "F2" && event.target.closest?.("a")?.closest(".entry");
    if (!entry) return;
    event.preventDefault();
    this.begin(entry);
  }

  doubled(event) {
    const link = event.target.closest?.(".entry a");
    if (link) this.begin(link.closest(".entry"));
  }

  /** From a menu: in the list where it can be seen, else in a dialog. */
  chosen(_event, trigger) {
    const id = trigger.closest("[data-for]").dataset.for || this.shared.conversation?.id;
    const entry = this.element.querySelector(`.entry[data-conversation="${id}"]`);
    if (entry?.checkVisibility({ visibilityProperty: true }) && !this.element.inert) this.begin(entry);
    else this.inDialog(id);
  }

  titleOf(id) {
    const { listing, conversation } = this.shared;
    return (listing.find((one) => one.id === id) ?? conversation)?.title ?? "";
  }

  begin(entry) {
    if (entry.querySelector("input")) return;
    const id = entry.dataset.conversation;
    const link = entry.querySelector("a");
    const field = document.createElement("input");
    Object.assign(field, { value: this.titleOf(id), maxLength: MOST, dir: "auto", autocomplete: "off" });
    field.setAttribute("aria-label", words.newTitle);
    entry.dataset.editing = "";
    link.after(field);
    field.select();
    field.focus();
    let ended = false; // taking the field away takes the focus from it, which would end it again
    const end = (keep) => {
      if (ended) return;
      ended = true;
      const had = document.activeElement === field;
      const title = field.value.trim();
      delete entry.dataset.editing;
      field.remove();
      if (had) link.focus();
      if (keep) this.save(id, title);
      this.shared.tell("listing"); // what was heard meanwhile
    };
    field.addEventListener("keydown", (event) => this.inField(event, end));
    field.addEventListener("blur", () => end(true));
  }

  inField(event, end) {
    if (isComposing(event)) return;
    if (event.key === "Escape") event.preventDefault(); // closes no drawer and stops no answer
    if (event.key === "Enter" || event.key === "Escape") end(event.key === "Enter");
    event.stopPropagation();
  }

  async inDialog(id) {
    const dialog = document.getElementById("rename");
    const field = dialog.querySelector("input");
    field.value = this.titleOf(id);
    field.select();
    if ((await ask(dialog)) === "yes") await this.save(id, field.value.trim());
  }

  async save(id, title) {
    if (!title || title === this.titleOf(id)) return;
    try {
      await this.shared.change(id, { title });
    } catch (error) {
      this.shared.tell("trouble", error.message);
    }
  }
}
