import { Attachments } from "../controllers/attachments.js";
import { GROWS_BY_ITSELF, acceptHeic, isComposing, sends } from "../lib/fields.js";
import { fits } from "../lib/points.js";
import { fromTemplate } from "../lib/templates.js";
import { words } from "../lib/words.js";
import { failed, underway } from "../state/attachments.js";

/** A question that is put differently: its text, pictures and files, some taken away, others added. */
export class EditForm {
  /** `keep(written)` after each change; `done(written)` once, with null when it stays as it was. */
  constructor({ text, images, files, pasted, lost = [] }, shared, { keep, done }) {
    this.element = fromTemplate("edit");
    this.field = this.element.querySelector("textarea");
    this.field.value = text;
    this.shared = shared;
    this.done = done;
    this.attached = new Attachments({
      place: this.part("attached"),
      field: this.field,
      shared,
      changed: () => this.keep?.(),
      complain: (sentence) => this.complain(sentence),
      inline: (pasted) => this.insert(pasted),
    });
    this.attached.restore({ images, files, pasted });
    if (shared.limits.heic) acceptHeic(this.part("added"));
    this.keep = () => keep({ text: this.field.value, ...this.attached.draft });
    this.listen();
    if (lost.length) this.complain(words.notUploaded(lost));
  }

  listen() {
    const { element, field } = this;
    const on = (target, type, handler) => target.addEventListener(type, handler);
    on(element, "submit", (event) => this.submit(event));
    on(field, "keydown", (event) => this.pressed(event));
    on(field, "input", () => this.typed());
    on(element, "paste", (event) => this.attached.take(event, event.clipboardData));
    on(element, "drop", (event) => this.attached.take(event, event.dataTransfer));
    on(this.part("cancel"), "click", () => this.close(null));
    on(this.part("pick"), "click", () => this.part("added").click());
    on(this.part("added"), "change", ({ target }) => {
      this.attached.add([...target.files]);
      target.value = "";
    });
  }

  part(name) {
    return this.element.querySelector(`[data-part="${name}"]`);
  }

  get written() {
    return { text: this.field.value, ...this.attached.ready };
  }

  focus() {
    if (!GROWS_BY_ITSELF) this.field.rows = Math.min(12, this.field.value.split("\n").length + 1);
    this.field.focus();
  }

  typed() {
    this.complain("");
    this.keep();
  }

  insert(text) {
    this.field.setRangeText(text, this.field.selectionStart, this.field.selectionEnd, "end");
    this.typed();
    this.field.focus();
  }

  pressed(event) {
    if (isComposing(event)) return;
    if (event.key === "Escape") {
      event.preventDefault(); // and so nothing is stopped
      this.close(null);
    } else if (sends(event)) {
      event.preventDefault();
      this.element.requestSubmit();
    }
  }

  submit(event) {
    event.preventDefault();
    const most = this.shared.limits.text_bytes;
    if (!fits(this.field.value, most)) return this.complain(words.tooLong(most));
    if (this.attached.tooMany) return this.complain(this.attached.tooMany);
    if (failed(this.attached.list)) return this.complain(words.uploadFailed);
    if (underway(this.attached.list)) return this.complain(words.uploadsWait);
    this.close(this.written);
  }

  complain(sentence) {
    this.part("problem").hidden = !sentence;
    this.part("problem").textContent = sentence;
  }

  close(written) {
    this.keep = null;
    this.attached.clear();
    this.done(written);
  }
}
