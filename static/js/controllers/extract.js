import { words } from "../lib/asking_words.js";
import { Controller } from "../lib/controllers.js";
import { copy } from "../lib/copy.js";
import { keep } from "../lib/save.js";
import { keptInThisTab } from "../lib/store.js";
import { api } from "../live/api.js";
import { guarded, hasFormulas } from "../state/csv.js";
import { allRead, altOf, contentOf, isOfWords, kindOf } from "../state/extract.js";
import { described } from "../state/looking.js";
import { messageOf } from "../state/thread.js";

/** The text that was asked for, to be edited: what is written here stays in this tab, closed by mistake or not,
    and never changes the answer. */
export class Extract extends Controller {
  connect() {
    this.field = this.part("text");
    this.on(this.field, "input", this.edited);
    this.on(this.element, "click", (event) => event.target === this.element && this.element.close());
  }

  messageAt(button) {
    return messageOf(this.shared.thread, button.closest("[data-message]").dataset.message);
  }

  async open(_event, button) {
    const message = this.messageAt(button);
    const read = await this.readFor(message);
    this.message = message;
    this.original = read || contentOf(message);
    this.part("answer").hidden = Boolean(read);
    this.part("read").hidden = !read;
    this.part("title").textContent = words.extracted(this.message.asks);
    this.show(keptInThisTab.read(this.key) ?? this.original);
    this.element.showModal();
    this.field.setSelectionRange(0, 0);
    this.field.scrollTop = 0;
  }

  /** What its model was given in the place of pictures. Where it cannot be had, the answer will do. */
  async readFor(message) {
    if (!isOfWords(message)) return "";
    const { images } = messageOf(this.shared.thread, message.parent) ?? { images: [] };
    const whole = await Promise.all(images.map(({ id }) => api.get(`images/${id}`))).catch(() => []);
    return allRead(whole);
  }

  get key() {
    return `extract:${this.message.id}`;
  }

  get isTable() {
    return kindOf(this.message) === "text/csv";
  }

  show(text) {
    this.field.value = text;
    this.told();
  }

  edited() {
    const { value } = this.field;
    if (value === this.original) keptInThisTab.remove(this.key);
    else keptInThisTab.write(this.key, value);
    this.told();
  }

  /** What can be done with it as it stands. */
  told() {
    const { value } = this.field;
    this.part("as-it-was").hidden = value === this.original;
    this.part("guard").hidden = !this.isTable || !hasFormulas(value);
  }

  asItWas() {
    this.show(this.original);
    keptInThisTab.remove(this.key);
    this.field.focus();
  }

  copy(_event, button) {
    copy(this.field.value, button);
  }

  /** A table as spreadsheets know it: with a mark that it is UTF-8, and no formula unless one wants that. */
  download() {
    const { value } = this.field;
    const isGuarded = !this.part("guard").hidden && this.part("guards").checked;
    const text = this.isTable ? `\ufeff${isGuarded ? guarded(value) : value}` : value;
    keep(new Blob([text], { type: kindOf(this.message) }), this.shared.conversation?.title ?? "");
  }

  /** Behind what is being written there. */
  use() {
    this.element.close();
    this.shared.tell("recall", { text: this.field.value, images: [], files: [] });
  }

  close() {
    this.element.close();
  }

  // The description of a picture -------------------------------------------------------------------

  async keep(_event, button) {
    const answer = this.messageAt(button);
    const { images } = messageOf(this.shared.thread, answer.parent) ?? { images: [] };
    if (images.length !== 1) return this.shared.tell("trouble", words.severalPictures);
    try {
      this.kept(await api.patch(`images/${images[0].id}`, { alt: altOf(contentOf(answer)) }));
    } catch (error) {
      this.shared.tell("trouble", error.message);
    }
  }

  kept(image) {
    const { thread } = this.shared;
    this.shared.become({ ...thread, messages: described(thread.messages, image) });
    this.shared.tell("said", words.kept);
  }
}
