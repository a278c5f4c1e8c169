import { newId } from "../lib/ids.js";
import { words } from "../lib/words.js";
import { upload } from "../live/upload.js";
import * as state from "../state/attachments.js";
import { attachment } from "../views/attachment.js";

const AT_ONCE = 2; // uploads; the server decodes each picture in a process of its own

/** Pictures and text files of a message that is being written: uploaded at once, shown with progress. */
export class Attachments {
  /** `changed()` when the list is another one; `complain(sentence)`; `inline(text)`: into the message after all. */
  constructor({ place, shared, changed, complain, inline }) {
    Object.assign(this, { place, shared, changed, complain, inline });
    this.list = [];
    this.waiting = [];
    this.running = new Map(); // key → AbortController
  }

  get ready() {
    return { images: state.images(this.list), files: state.files(this.list) };
  }

  /** What is to be kept of it: what is underway is lost with the page, except text. Its name is kept. */
  get draft() {
    return { ...this.ready, pasted: state.pasted(this.list), lost: state.unfinished(this.list) };
  }

  /** A paste or a drop. Whether it was one for us; a paste that has text stays a paste of text. */
  take(event, data) {
    const text = event.type === "paste" ? data.getData("text/plain") : "";
    const files = [...(data.files ?? [])];
    if (text.length > state.PASTE_CHARACTERS) this.addText(text);
    else if (files.length && !text) this.add(files);
    else return false;
    event.preventDefault();
    return true;
  }

  addText(text, name = words.pastedText) {
    const called = state.nameFor(this.list, name);
    this.add([new File([text], called, { type: "text/plain" })], { text });
  }

  add(files, more = {}) {
    const fitting = files.filter((file) => this.fits(file));
    const { limits } = this.shared;
    for (const [kind, most, tooMany] of [["image", limits.images, words.tooMany], ["file", limits.files, words.tooManyFiles]]) {
      const ofKind = fitting.filter((file) => state.kindOf(file) === kind);
      const room = state.roomFor(this.list, kind, most);
      this.begin(ofKind.slice(0, room).map((file) => ({ ...this.begun(file, kind), ...more })));
      if (ofKind.length > room) this.complain(tooMany(most));
    }
    this.next();
  }

  fits(file) {
    const most = this.shared.limits.file_bytes;
    if (state.kindOf(file) === "image" || file.size <= most) return true;
    this.complain(words.fileTooLarge(file.name, most));
    return false;
  }

  begun(file, kind) {
    const name = file.name || words.picture(this.list.length + 1);
    const preview = kind === "image" ? { preview: URL.createObjectURL(file) } : {};
    return { key: newId(), kind, name, bytes: file.size, ...preview, source: file };
  }

  begin(fresh) {
    if (!fresh.length) return;
    this.become(state.added(this.list, fresh));
    this.waiting.push(...fresh);
  }

  next() {
    while (this.running.size < AT_ONCE && this.waiting.length) this.send(this.waiting.shift());
  }

  async send({ key, kind, source }) {
    const control = new AbortController();
    this.running.set(key, control);
    try {
      const progress = (done) => this.become(state.advanced(this.list, key, { done }));
      const answer = await upload(source, { to: `${kind}s`, progress, signal: control.signal });
      this.become(state.advanced(this.list, key, { state: "ready", done: 1, [kind]: answer, source: null }));
    } catch (error) {
      if (error.code !== "taken_back") this.failed(key, error);
    } finally {
      this.running.delete(key);
      this.next();
    }
  }

  /** What may go well the next time stays and offers that. What was refused goes, and the sentence says why;
      it is said first, because a message that waits for its files must not go out without this one. */
  failed(key, { code, message }) {
    const one = this.list.find((other) => other.key === key);
    this.complain(one.kind === "file" ? `${one.name}: ${message}` : message);
    if (state.mayPass(code)) this.become(state.advanced(this.list, key, { state: "failed", sentence: message }));
    else this.remove(key);
  }

  retry(key) {
    const one = this.list.find((other) => other.key === key);
    this.become(state.advanced(this.list, key, { state: "sending", done: 0, sentence: undefined }));
    this.waiting.push(one);
    this.next();
  }

  remove(key) {
    this.running.get(key)?.abort();
    this.waiting = this.waiting.filter((one) => one.key !== key);
    const gone = this.list.find((one) => one.key === key);
    if (gone?.preview) URL.revokeObjectURL(gone.preview);
    this.become(state.removed(this.list, key));
  }

  clear() {
    for (const one of this.list) this.remove(one.key);
  }

  /** What the server has already, and texts that it did not get. */
  restore({ images = [], files = [], pasted = [] }) {
    const known = new Set(this.list.map((one) => (one.image ?? one.file)?.id));
    const fresh = (found) => found.filter((one) => !known.has(one.id));
    const pictures = fresh(images).map((image, index) => ({ kind: "image", name: words.picture(index + 1), image }));
    const texts = fresh(files).map((file) => ({ kind: "file", name: file.name, bytes: file.bytes, file }));
    const ready = [...pictures, ...texts].map((one) => ({ key: (one.image ?? one.file).id, state: "ready", done: 1, ...one }));
    this.become([...this.list, ...ready]);
    for (const { name, text } of pasted) this.addText(text, name);
  }

  /** A click on one of them. */
  clicked(event) {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    const key = button.closest("figure").dataset.key;
    const one = this.list.find((other) => other.key === key);
    const acts = { remove: () => this.remove(key), retry: () => this.retry(key), inline: () => this.putInline(one), open: () => this.open(one) };
    acts[button.dataset.do]();
  }

  open({ name, text, file }) {
    this.shared.tell("openfile", { name, text, url: file?.url });
  }

  async putInline({ key, text }) {
    this.remove(key);
    this.inline(text);
  }

  become(list) {
    this.list = list;
    const shown = new Map([...this.place.children].map((element) => [element.dataset.key, element]));
    this.place.replaceChildren(...list.map((one) => attachment(one, shown.get(one.key))));
    this.changed();
  }
}
