import { Gestures } from "../lib/gestures.js";
import { STEP, WHOLE, frameOf, moved, shareOf, swiped, turned, zoomed } from "../state/looking.js";

const KEPT = 3; // pictures at hand: this one and those beside it
const MIDDLE = { x: 0, y: 0 };

/** One picture in the room there is for it: whole at first, then as large and where one wants it. */
export class Stage {
  /** `changed()` when it is another size; `stepped(by)` by a swipe; `left()` by a click beside it. */
  constructor(element, heard, { signal }) {
    Object.assign(this, { element, heard });
    this.image = element.querySelector("img");
    this.sign = element.querySelector("[data-part=missing]");
    this.kept = new Map(); // address → Image
    new Gestures(element, this, { signal });
    this.watch = new ResizeObserver(() => this.layOut());
    this.watch.observe(element);
    signal.addEventListener("abort", () => this.watch.disconnect());
  }

  get isRtl() {
    return document.dir === "rtl";
  }

  get isWhole() {
    return this.view.scale === 1;
  }

  get isLargest() {
    return this.view.scale >= this.frame.most;
  }

  get share() {
    return shareOf(this.view, this.frame);
  }

  /** Its thumbnail at once, in the right size, and then the picture. */
  async show(picture, alt) {
    this.picture = picture;
    this.view = WHOLE;
    this.sign.hidden = true;
    this.element.dataset.state = "coming";
    const whole = this.fetched(picture);
    this.put(Object.assign(new Image(), { src: picture.thumbnail_url }), alt);
    const came = await whole.decode().then(() => true, () => false);
    if (this.picture !== picture) return;
    this.element.dataset.state = came ? "here" : "missing";
    this.sign.hidden = came;
    if (came) this.put(whole, alt);
    else this.kept.delete(picture.url);
  }

  /** The element that was fetched, not its address: nothing is asked for twice. None is made to show another
      picture: those beside this one are kept. */
  put(image, alt) {
    image.alt = alt;
    image.draggable = false;
    this.image.replaceWith(image);
    this.image = image;
    this.layOut();
  }

  /** Those beside it are fetched before one comes to them. */
  expect(pictures) {
    for (const one of pictures) this.fetched(one);
  }

  fetched({ url }) {
    const image = this.kept.get(url) ?? Object.assign(new Image(), { src: url });
    this.kept.delete(url);
    this.kept.set(url, image); // the one that was asked for last goes last
    for (const old of [...this.kept.keys()].slice(0, -KEPT)) this.kept.delete(old);
    return image;
  }

  layOut() {
    if (!this.picture || !this.element.clientWidth) return;
    const { clientWidth: width, clientHeight: height } = this.element;
    this.frame = frameOf(this.picture, { width, height });
    const { style } = this.image;
    style.width = `${this.frame.fit.width}px`;
    style.height = `${this.frame.fit.height}px`;
    this.become(moved(this.view, [0, 0], this.frame));
  }

  become(view) {
    this.view = view;
    this.image.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    this.element.toggleAttribute("data-larger", !this.isWhole);
    this.heard.changed();
  }

  // What one can do with it ------------------------------------------------------------------------

  /** What a key meant (state/looking.js), but for a step to another picture. */
  obey({ zoom, whole, move }) {
    if (zoom) this.zoom(zoom);
    else if (whole) this.whole();
    else this.moved(move);
  }

  larger() {
    this.zoom(STEP);
  }

  smaller() {
    this.zoom(1 / STEP);
  }

  whole() {
    this.become(WHOLE);
  }

  zoom(by, at = MIDDLE) {
    this.become(zoomed(this.view, this.view.scale * by, at, this.frame));
  }

  moved(way) {
    if (!this.isWhole) this.become(moved(this.view, way, this.frame));
  }

  grown(by, at) {
    this.zoom(by, at);
  }

  letGo(way) {
    const step = this.isWhole ? swiped(way, this.isRtl) : 0;
    if (step) this.heard.stepped(step);
  }

  twice(at) {
    this.become(turned(this.view, at, this.frame));
  }

  once(target) {
    if (target === this.element && this.isWhole) this.heard.left();
  }
}
