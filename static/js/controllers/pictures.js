import { newId } from "../lib/ids.js";
import { words } from "../lib/words.js";
import { upload } from "../live/upload.js";
import { added, advanced, removed } from "../state/attachments.js";
import { attachment } from "../views/attachment.js";

const AT_ONCE = 2; // uploads; the server decodes each in a process of its own

/** The pictures of the composer: picked, pasted or dropped; uploaded at once; shown with progress. */
export class Pictures {
  constructor(composer) {
    this.composer = composer;
    this.list = [];
    this.waiting = [];
    this.running = new Map(); // key → AbortController
  }

  connect() {
    const { composer } = this;
    this.place = composer.part("attached");
    composer.on(composer.part("files"), "change", (event) => {
      this.add([...event.target.files]);
      event.target.value = "";
    });
    composer.on(composer.element, "paste", (event) => this.taken(event, event.clipboardData));
    const desk = composer.element.closest(".desk");
    composer.on(desk, "dragenter dragover", (event) => this.over(event));
    composer.on(desk, "dragleave", (event) => desk.contains(event.relatedTarget) || this.left());
    composer.on(desk, "drop", (event) => {
      this.left();
      this.taken(event, event.dataTransfer);
    });
    composer.on(this.place, "click", (event) => {
      const button = event.target.closest("button");
      if (button) this.remove(button.closest("figure").dataset.key);
    });
  }

  disconnect() {
    this.clear();
  }

  over(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.composer.element.dataset.over = "";
  }

  left() {
    delete this.composer.element.dataset.over;
  }

  /** A paste that has text stays a paste of text, whatever picture of it comes along. */
  taken(event, data) {
    const files = [...(data?.files ?? [])];
    if (!files.length || (event.type === "paste" && data.types.includes("text/plain"))) return;
    event.preventDefault();
    this.add(files);
  }

  add(files) {
    const pictures = files.filter((file) => file.type.startsWith("image/"));
    const most = this.composer.shared.limits.images;
    const room = most - this.list.length;
    const started = pictures.slice(0, Math.max(0, room)).map((file) => this.begun(file));
    this.become(added(this.list, started.map(({ file: _file, ...one }) => one), most));
    this.waiting.push(...started);
    this.next();
    if (pictures.length < files.length) this.composer.complain(words.onlyPictures);
    else if (pictures.length > room) this.composer.complain(words.tooMany(most));
  }

  begun(file) {
    return { key: newId(), name: file.name || words.picture(this.list.length + 1), preview: URL.createObjectURL(file), file };
  }

  next() {
    while (this.running.size < AT_ONCE && this.waiting.length) this.send(this.waiting.shift());
  }

  async send({ key, file }) {
    const control = new AbortController();
    this.running.set(key, control);
    try {
      const progress = (done) => this.become(advanced(this.list, key, { done }));
      const image = await upload(file, { progress, signal: control.signal });
      this.become(advanced(this.list, key, { state: "ready", done: 1, image }));
    } catch (error) {
      if (error.code !== "taken_back") this.failed(key, error.message);
    } finally {
      this.running.delete(key);
      this.next();
    }
  }

  /** A picture that was refused goes, and the sentence says why: it could not be sent anyway. */
  failed(key, sentence) {
    this.composer.sendWhenReady = false;
    this.remove(key);
    this.composer.complain(sentence);
  }

  remove(key) {
    this.running.get(key)?.abort();
    this.waiting = this.waiting.filter((one) => one.key !== key);
    const gone = this.list.find((one) => one.key === key);
    if (gone?.preview) URL.revokeObjectURL(gone.preview);
    this.become(removed(this.list, key));
  }

  clear() {
    for (const one of this.list) this.remove(one.key);
  }

  /** Pictures that the server has already. */
  restore(images) {
    const known = new Set(this.list.map((one) => one.image?.id));
    const fresh = images.filter((image) => !known.has(image.id));
    const ready = fresh.map((image, index) => ({
      key: image.id, name: words.picture(index + 1), state: "ready", done: 1, image,
    }));
    this.become([...this.list, ...ready]);
  }

  become(list) {
    this.list = list;
    const shown = new Map([...this.place.children].map((element) => [element.dataset.key, element]));
    this.place.replaceChildren(...list.map((one) => attachment(one, shown.get(one.key))));
    this.composer.pictured();
  }
}
