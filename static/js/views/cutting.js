import { words } from "../lib/picture_words.js";
import { fromTemplate } from "../lib/templates.js";
import { drawn, first, keyed, moved, pixels, resized } from "../state/region.js";

const PNG_BYTES = 4 * 2 ** 20; // a photograph that is more than this is a JPEG
const QUALITY = 0.92;
const ENDING = /\.\w{2,5}$/;

/** A part of a picture, chosen by dragging a box or by arrow keys, and cut out here in the browser. */
export class Cutting {
  constructor() {
    this.element = fromTemplate("cutting");
    this.life = new AbortController();
    this.part = (name) => this.element.querySelector(`[data-part=${name}]`);
    document.body.append(this.element);
    this.room = this.part("room");
    this.frame = this.part("box");
    const on = (target, type, handler) => target.addEventListener(type, handler.bind(this), { signal: this.life.signal });
    on(this.room, "pointerdown", this.down);
    on(this.room, "pointermove", this.move);
    on(this.room, "pointerup", this.up);
    on(this.room, "pointercancel", this.up);
    on(this.frame, "keydown", this.pressed);
    on(this.element, "submit", this.cut);
    on(this.element, "close", this.closed);
    on(this.part("cancel"), "click", () => this.element.close());
    on(window, "popstate", () => this.element.close()); // what it stands above was left
    on(window, "resize", () => this.show());
  }

  /** Resolves with a file, or with null. `addresses`: where the picture is, the best one first. */
  async choose(addresses, name) {
    Object.assign(this, { name, file: null, box: first() });
    this.complain("");
    this.element.showModal();
    const done = new Promise((resolve) => (this.done = resolve));
    if (await this.fetch(addresses)) this.show();
    else this.complain(words.notSaved);
    this.frame.focus();
    return done;
  }

  /** The first that this browser can show. */
  async fetch(addresses) {
    const image = this.part("picture");
    for (const src of addresses) {
      image.src = src;
      if (await image.decode().then(() => true, () => false)) return true;
    }
    return false;
  }

  // The box ----------------------------------------------------------------------------------------

  get area() {
    return this.part("picture").getBoundingClientRect();
  }

  /** Where a finger is, in shares of the picture. */
  at({ clientX, clientY }) {
    const { left, top, width, height } = this.area;
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  }

  down(event) {
    if (event.button) return;
    event.preventDefault();
    this.room.setPointerCapture(event.pointerId);
    const isCorner = event.target.closest("[data-part=corner]");
    const isInside = event.target.closest("[data-part=box]");
    this.drag = { from: this.at(event), box: this.box, how: isCorner ? resized : isInside ? moved : null };
    this.frame.focus({ preventScroll: true });
  }

  move(event) {
    if (!this.drag) return;
    const { from, box, how } = this.drag;
    const to = this.at(event);
    this.become(how ? how(box, [to.x - from.x, to.y - from.y]) : drawn(from, to));
  }

  up() {
    this.drag = null;
  }

  pressed(event) {
    const box = keyed(this.box, event);
    if (!box) return;
    event.preventDefault();
    this.become(box);
  }

  become(box) {
    this.box = box;
    this.show();
  }

  show() {
    if (!this.element.open || !this.box) return;
    const [area, room, { style }] = [this.area, this.room.getBoundingClientRect(), this.frame];
    style.left = `${area.left - room.left + this.box.x * area.width}px`;
    style.top = `${area.top - room.top + this.box.y * area.height}px`;
    style.width = `${this.box.width * area.width}px`;
    style.height = `${this.box.height * area.height}px`;
    this.part("said").textContent = words.pixels(this.cutOf(this.part("picture")));
  }

  cutOf({ naturalWidth: width, naturalHeight: height }) {
    return pixels(this.box, { width, height });
  }

  // Cutting ----------------------------------------------------------------------------------------

  async cut(event) {
    event.preventDefault();
    try {
      const content = await drawnOf(this.part("picture"), this.cutOf(this.part("picture")));
      const ending = content.type === "image/png" ? "png" : "jpg";
      this.file = new File([content], `${words.partOf(this.name.replace(ENDING, ""))}.${ending}`, { type: content.type });
      this.element.close();
    } catch {
      this.complain(words.notCut);
    }
  }

  closed() {
    this.drag = null;
    this.part("picture").removeAttribute("src");
    this.done(this.file);
  }

  complain(sentence) {
    this.part("wrong").textContent = sentence;
    this.part("wrong").hidden = !sentence;
  }

  remove() {
    this.life.abort();
    this.element.remove();
  }
}

async function drawnOf(image, { left, top, width, height }) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").drawImage(image, left, top, width, height, 0, 0, width, height);
  const plain = await blobOf(canvas, "image/png");
  return plain.size > PNG_BYTES ? blobOf(canvas, "image/jpeg") : plain;
}

function blobOf(canvas, type) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(type))), type, QUALITY);
  });
}
