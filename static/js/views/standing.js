// Where the reader stands in a thread: at its end, following what grows there; or at a place in it, which
// stays where it is on the screen, whatever is put above it or grows.

const AT_BOTTOM_PX = 40; // so near the end counts as following it
const AT_MOST = 20; // messages that are looked at for one to hold on to
const GUESSED = ".away, :has(> .body[data-raw])";
const ABOVE_PX = 12; // what is gone to does not stick to the edge

export class Standing {
  /** `elements` gives the messages on the page in their order; `moved` hears of every change. */
  constructor(scroller, column, { elements, moved }) {
    Object.assign(this, { scroller, elements, moved, following: true, held: [], lastTop: 0 });
    this.resized = new ResizeObserver(() => this.keep());
    this.resized.observe(scroller);
    this.resized.observe(column);
  }

  disconnect() {
    this.resized.disconnect();
  }

  /** Pixels below what is on the screen. */
  get rest() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  get isAtEnd() {
    return this.following || this.rest < AT_BOTTOM_PX;
  }

  get top() {
    return this.scroller.getBoundingClientRect().top;
  }

  /** The reader has scrolled: a little way up is enough to be left alone. */
  scrolled() {
    const up = this.scroller.scrollTop < this.lastTop - 1;
    // Down is never away: what is written below may have grown since this scroll began.
    this.following = up ? this.rest < 2 : this.following || this.rest < AT_BOTTOM_PX;
    this.hold();
    this.moved();
  }

  /** Remember what is at the top of the screen: the block of an answer, and the message around it. */
  hold() {
    this.lastTop = this.scroller.scrollTop;
    const message = this.firm();
    const block = message && firstBelow(message.querySelector(".body")?.children ?? [], this.top);
    this.held = [block, message].filter(Boolean).map((element) => ({ element, at: this.placeOf(element) }));
  }

  /** The first message on the screen; not one whose size is only guessed. */
  firm() {
    const elements = this.elements();
    const first = firstBelow(elements, this.top);
    const at = elements.indexOf(first);
    return elements.slice(at, at + AT_MOST).find((element) => !element.matches(GUESSED)) ?? first;
  }

  /** Pixels from the top of all there is to this element or range. */
  placeOf(what) {
    return what.getBoundingClientRect().top - this.top + this.scroller.scrollTop;
  }

  /** Something has changed its size: back to where the reader was. What they have just scrolled is heard of
      a little later than it happens. */
  keep() {
    if (this.scroller.scrollTop < this.lastTop - 1 && this.rest > AT_BOTTOM_PX) this.following = false;
    if (this.following) this.scroller.scrollTop = this.scroller.scrollHeight;
    else this.restore();
    this.hold();
    this.moved();
  }

  /** By as much as what was held has moved: what the reader scrolled since is left as it is. */
  restore() {
    this.held = this.held.filter(({ element }) => element.isConnected);
    const [first] = this.held;
    const by = first ? this.placeOf(first.element) - first.at : 0;
    if (Math.abs(by) >= 1) this.scroller.scrollTop += by;
  }

  follow() {
    this.following = true;
    this.keep();
  }

  /** Let the reader stand before an element or a range of words, and leave the end. */
  bring(what, above = ABOVE_PX) {
    this.following = false;
    this.scroller.scrollTop = this.placeOf(what) - above;
    this.lastTop = this.scroller.scrollTop;
    const element = what.startContainer?.parentElement ?? what;
    this.held = [{ element, at: this.placeOf(element) }];
    this.moved();
  }

  /** `fresh` takes the place of `old`, and of its part in what is remembered. */
  replace(old, fresh) {
    old.replaceWith(fresh);
    const held = this.held.find(({ element }) => element === old);
    if (held) held.element = fresh;
  }
}

/** The first of these elements, which stand below one another, that ends below `y`. */
export function firstBelow(elements, y) {
  let low = 0;
  let high = elements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (elements[middle].getBoundingClientRect().bottom > y) high = middle;
    else low = middle + 1;
  }
  return elements[low] ?? null;
}
