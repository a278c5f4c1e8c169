import { arrange } from "../lib/arrange.js";
import { isForThumbs } from "../lib/fields.js";
import { newId } from "../lib/ids.js";
import { words } from "../lib/words.js";
import { upload } from "../live/upload.js";
import * as state from "../state/attachments.js";
import { looking } from "../views/later.js";
import { attachment, faceOf, showAttachment } from "../views/attachment.js";
import { cutOut } from "./cutting.js";
import { describe } from "./describing.js";
import { Reordering } from "./reordering.js";

const AT_ONCE = 2; // uploads; the server decodes each picture in a process of its own

// Arrow keys move what has the focus; so far, where they read from left to right.
const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

/** Pictures and text files of a message that is being written: uploaded at once, shown with progress, put in
    order by dragging, by arrow keys or by the menu of each. */
export class Attachments {
  /** `field` is what is written beside them; `changed()` when the list is another one; `complain(sentence)`;
      `inline(text)`: into the message after all. */
  constructor({ place, field, shared, changed, complain, inline }) {
    Object.assign(this, { place, field, shared, changed, complain, inline });
    this.list = [];
    this.waiting = [];
    this.running = new Map(); // key → AbortController
    this.refused = []; // of those that were added together
    place.addEventListener("click", (event) => this.clicked(event));
    place.addEventListener("keydown", (event) => this.pressed(event));
    place.addEventListener("chosen", ({ target, detail }) => this.act(detail, target.dataset.key));
    new Reordering(place, (key, to) => this.move(key, to));
  }

  get ready() {
    return { images: state.images(this.list), files: state.files(this.list) };
  }

  /** What was written before and comes back may be too much together with what is there: a sentence, or "". */
  get tooMany() {
    const { images, files } = this.shared.limits;
    const { ready } = this;
    if (ready.images.length > images) return words.tooMany(images);
    return ready.files.length > files ? words.tooManyFiles(files) : "";
  }

  /** What is to be kept of it: what is underway is lost with the page, except text. Its name is kept. */
  get draft() {
    return { ...this.ready, images: state.namedImages(this.list), pasted: state.pasted(this.list), lost: state.unfinished(this.list) };
  }

  /** A paste or a drop. Whether it was one for us; a paste that has text stays a paste of text, unless that
      is nothing but the names of the files. */
  take(event, data) {
    const text = event.type === "paste" ? data.getData("text/plain") : "";
    const { files, folders } = filesIn(data);
    const hasFiles = files.length > 0 && state.isOnlyNames(text, files);
    if (hasFiles) this.add(files);
    else if (text.length > state.PASTE_CHARACTERS) this.addText(text);
    else if (!folders) return false;
    event.preventDefault();
    if (folders) this.complain(words.noFolders);
    return true;
  }

  addText(text, name = words.pastedText) {
    const called = state.nameFor(this.list, name);
    this.add([new File([text], called, { type: "text/plain" })], { text });
  }

  add(files, more = {}) {
    if (!this.running.size && !this.waiting.length) this.refused = [];
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

  /** Said before it is sent for nothing. */
  fits(file) {
    const { image_bytes: ofPictures, file_bytes: ofFiles } = this.shared.limits;
    const most = state.kindOf(file) === "image" ? ofPictures : ofFiles;
    if (file.size <= most) return true;
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
      this.arrived(key, kind, answer);
    } catch (error) {
      if (error.code !== "taken_back") this.failed(key, error);
    } finally {
      this.running.delete(key);
      this.next();
    }
  }

  arrived(key, kind, answer) {
    if (!state.isThere(this.list, kind, answer.id)) {
      return this.become(state.advanced(this.list, key, { state: "ready", done: 1, [kind]: answer, source: null }));
    }
    const { name } = this.one(key);
    this.remove(key);
    this.shared.tell("said", words.thereAlready(name));
  }

  one(key) {
    return this.list.find((other) => other.key === key);
  }

  /** What may go well the next time stays and offers that. What was refused goes, and the sentence says why;
      it is said first, because a message that waits for its files must not go out without this one. */
  failed(key, { code, message }) {
    const one = this.one(key);
    this.refused.push({ name: one.name, message });
    this.complain(state.reasons(this.refused));
    if (state.mayPass(code)) this.become(state.advanced(this.list, key, { state: "failed", sentence: message }));
    else this.remove(key);
  }

  retry(key) {
    const one = this.one(key);
    this.refused = this.refused.filter(({ name }) => name !== one.name);
    this.become(state.advanced(this.list, key, { state: "sending", done: 0, sentence: undefined }));
    this.waiting.push(one);
    this.next();
  }

  remove(key) {
    this.running.get(key)?.abort();
    this.waiting = this.waiting.filter((one) => one.key !== key);
    const gone = this.one(key);
    if (gone?.preview) URL.revokeObjectURL(gone.preview);
    this.become(state.removed(this.list, key));
  }

  clear() {
    for (const one of this.list) this.remove(one.key);
    this.refused = [];
    this.view?.remove();
    this.view = null;
  }

  /** What the server has already, and texts that it did not get. */
  restore({ images = [], files = [], pasted = [] }) {
    const fresh = (found, kind) => found.filter((one) => !state.isThere(this.list, kind, one.id));
    const before = state.images(this.list).length;
    const pictures = fresh(images, "image").map(({ name, ...image }, index) => ({
      kind: "image",
      name: name ?? words.picture(before + index + 1),
      image,
    }));
    const texts = fresh(files, "file").map((file) => ({ kind: "file", name: file.name, bytes: file.bytes, file }));
    const ready = [...pictures, ...texts].map((one) => ({ key: (one.image ?? one.file).id, state: "ready", done: 1, ...one }));
    this.become(state.added(this.list, ready));
    for (const { name, text } of pasted) this.addText(text, name);
  }

  /** A picture that stands somewhere else already, once more: nothing is uploaded. */
  use(image) {
    const { images: most } = this.shared.limits;
    if (state.isThere(this.list, "image", image.id)) return this.shared.tell("said", words.thereAlready(words.aPicture));
    if (!state.roomFor(this.list, "image", most)) return this.complain(words.tooMany(most));
    this.restore({ images: [image] });
    this.shared.tell("said", words.added);
  }

  // By hand ---------------------------------------------------------------------------------------

  clicked(event) {
    const button = event.target.closest("[data-do]");
    if (button) this.act(button.dataset.do, button.closest("figure").dataset.key);
  }

  act(name, key) {
    const one = this.one(key);
    if (!one) return; // it has gone while its menu was open
    const { at } = state.placeOf(this.list, key);
    const acts = {
      remove: () => this.takeAway(key),
      retry: () => this.retry(key),
      inline: () => this.putInline(one),
      open: () => this.open(one),
      earlier: () => this.move(key, at - 1),
      later: () => this.move(key, at + 1),
      describe: () => this.describe(one),
      look: () => this.look(one),
      cut: () => this.cut(one),
      compare: () => this.shared.tell("compare", this.shown(one)),
    };
    acts[name]();
  }

  pressed(event) {
    const face = event.target.closest(".face, .open");
    if (!face || event.altKey || event.ctrlKey || event.metaKey) return;
    const { key } = face.closest("figure").dataset;
    const isRtl = getComputedStyle(this.place).direction === "rtl";
    const step = STEPS[event.key] * (isRtl && event.key.startsWith("Arrow") ? -1 : 1);
    if (event.key === "Delete" || event.key === "Backspace") this.takeAway(key);
    else if (step) this.move(key, state.placeOf(this.list, key).at + step);
    else return;
    event.preventDefault();
  }

  move(key, to) {
    const list = this.one(key) ? state.moved(this.list, key, to) : this.list;
    if (list === this.list) return;
    this.become(list);
    this.element(key).scrollIntoView({ block: "nearest", inline: "nearest" });
    this.say(words.movedTo({ name: this.one(key).name, ...state.placeOf(list, key) }));
  }

  /** The focus goes to what stands in its place then, and to the field when nothing does. */
  takeAway(key) {
    const { name } = this.one(key);
    const at = this.list.findIndex((one) => one.key === key);
    this.remove(key);
    const next = this.list[Math.min(at, this.list.length - 1)];
    if (next) faceOf(this.element(next.key)).focus({ preventScroll: true });
    else if (!isForThumbs()) this.field.focus({ preventScroll: true });
    this.say(words.takenAway(name));
  }

  element(key) {
    return [...this.place.children].find((element) => element.dataset.key === key);
  }

  /** To who does not see it. */
  say(sentence) {
    document.querySelector("[data-part=tray-said]").textContent = sentence;
  }

  /** Those that can be looked at, and which of them this one is. */
  shown({ image }) {
    const pictures = state.namedImages(this.list).map((one, nth) => ({ ...one, nth }));
    return { pictures, at: pictures.findIndex((one) => one.id === image.id) };
  }

  async look(one) {
    const { image } = one;
    try {
      const { Looking } = await looking();
      this.view ??= new Looking();
      this.view.open(this.shown(one));
    } catch {
      window.open(image.url, "_blank", "noopener"); // what shows it did not come
    }
  }

  /** Beside the one that it was cut out of. */
  async cut({ key, preview, image, name }) {
    const file = await cutOut({ preview, url: image.url, name });
    if (!file) return;
    const known = new Set(this.list.map((one) => one.key));
    this.add([file]);
    const fresh = this.list.find((one) => !known.has(one.key));
    if (fresh && this.one(key)) this.move(fresh.key, state.placeOf(this.list, key).at + 1);
  }

  async describe({ key, image }) {
    const described = await describe(image);
    if (described && this.one(key)) this.become(state.advanced(this.list, key, { image: described }));
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
    const { activeElement: focused } = document;
    const key = (one) => one.key;
    arrange(this.place, list, { key, make: (one) => attachment(one.kind), show: (element, one) => this.show(element, one) });
    // An element that is moved loses the focus.
    if (this.place.contains(focused) && document.activeElement !== focused) focused.focus({ preventScroll: true });
    this.changed();
  }

  show(element, one) {
    showAttachment(element, one, state.placeOf(this.list, one.key));
  }
}

function filesIn({ items }) {
  const found = [...(items ?? [])].filter((item) => item.kind === "file");
  const isFolder = (item) => Boolean(item.webkitGetAsEntry?.()?.isDirectory);
  const files = found.filter((item) => !isFolder(item)).map((item) => item.getAsFile());
  return { files: files.filter(Boolean), folders: found.some(isFolder) };
}
