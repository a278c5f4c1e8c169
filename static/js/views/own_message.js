import { fromTemplate } from "../lib/templates.js";
import { words } from "../lib/words.js";
import { EditForm } from "./edit_form.js";
import { file } from "./file.js";
import { nameOf, picture } from "./picture.js";
import { readable } from "./redacted.js";
import { showVersions } from "./versions.js";

/** One's own message: a pending one with its state, or one that the server has. */
export class OwnMessage {
  constructor(element = fromTemplate("own-message")) {
    this.element = element;
    this.notice = element.querySelector("[data-part=notice]");
  }

  show(message, { lineDown = false } = {}) {
    const { element } = this;
    element.dataset.message = message.id;
    element.dataset.state = message.state ?? "complete";
    this.body.textContent = readable(element, message);
    this.showPictures(message.images);
    element.querySelector("[data-part=compare]").hidden = message.images.length < 2;
    this.showFiles(message.files ?? []);
    const held = message.state === "sending" && lineDown;
    this.notice.hidden = !held && message.state !== "unsent";
    this.notice.classList.toggle("bad", message.state === "unsent");
    this.notice.querySelector("[data-part=sentence]").textContent = held ? words.willSend : (message.sentence ?? "");
    for (const button of this.notice.querySelectorAll("button")) button.hidden = held;
    showVersions(element.querySelector("[data-part=versions]"), message);
  }

  /** A form in the place of the message. `done` gets what was written, or null when it stays as it was. */
  edit(written, { shared, keep, done, focus = true }) {
    if (this.form) return this.form.focus();
    this.element.dataset.editing = "";
    this.form = new EditForm(written, shared, { keep, done: (result) => this.edited(result, done) });
    this.body.after(this.form.element);
    if (focus) this.form.focus();
  }

  edited(result, done) {
    this.form.element.remove();
    this.form = null;
    delete this.element.dataset.editing;
    done(result);
  }

  get body() {
    return this.element.querySelector("[data-part=body]");
  }

  showPictures(images) {
    const place = this.element.querySelector("[data-part=pictures]");
    const shown = [...place.querySelectorAll("img")];
    const isSame = shown.map((one) => one.getAttribute("src")).join() === images.map((one) => one.thumbnail_url).join();
    if (isSame) return shown.forEach((one, nth) => (one.alt = nameOf(images[nth], nth))); // it may have new words
    place.dataset.count = images.length;
    place.replaceChildren(...images.map(picture));
  }

  showFiles(files) {
    const place = this.element.querySelector("[data-part=files]");
    const shown = [...place.querySelectorAll("a")].map((link) => link.getAttribute("href"));
    if (shown.join() === files.map((one) => one.url).join()) return;
    place.replaceChildren(...files.map(file));
  }
}
