import { GROWS_BY_ITSELF, sends } from "../lib/fields.js";
import { fromTemplate } from "../lib/templates.js";
import { words } from "../lib/words.js";
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
    this.body.textContent = message.text;
    this.showPictures(message.images);
    const held = message.state === "sending" && lineDown;
    this.notice.hidden = !held && message.state !== "unsent";
    this.notice.classList.toggle("bad", message.state === "unsent");
    this.notice.querySelector("[data-part=sentence]").textContent = held ? words.willSend : (message.sentence ?? "");
    for (const button of this.notice.querySelectorAll("button")) button.hidden = held;
    showVersions(element, message);
  }

  /** A field in the place of the text. `done` gets what was written, or null when it stays as it was. */
  edit(text, done) {
    if (this.form) return this.form.querySelector("textarea").focus();
    this.form = fromTemplate("edit");
    this.element.dataset.editing = "";
    this.body.after(this.form);
    const field = this.form.querySelector("textarea");
    const close = (written) => {
      this.form.remove();
      this.form = null;
      delete this.element.dataset.editing;
      done(written);
    };
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      close(field.value);
    });
    this.form.querySelector("[data-part=cancel]").addEventListener("click", () => close(null));
    field.addEventListener("keydown", (event) => pressed(event, this.form, () => close(null)));
    field.value = text;
    if (!GROWS_BY_ITSELF) field.rows = Math.min(12, text.split("\n").length + 1);
    field.focus();
  }

  get body() {
    return this.element.querySelector("[data-part=body]");
  }

  showPictures(images) {
    const place = this.element.querySelector("[data-part=pictures]");
    const shown = [...place.querySelectorAll("img")].map((image) => image.getAttribute("src"));
    if (shown.join() === images.map((image) => image.thumbnail_url).join()) return;
    place.replaceChildren(...images.map(picture));
  }
}

function pressed(event, form, cancel) {
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === "Escape") {
    event.preventDefault(); // and so nothing is stopped
    cancel();
  } else if (sends(event)) {
    event.preventDefault();
    form.requestSubmit();
  }
}

function picture(image, index) {
  const link = fromTemplate("picture");
  const shown = link.querySelector("img");
  link.href = image.url;
  shown.src = image.thumbnail_url;
  shown.alt = words.picture(index + 1);
  return link;
}
