// The messages on the page: each with a view; far from the reader only its place is kept (around.js).
import { Answer } from "./answer.js";
import { Around } from "./around.js";
import { Away, Served } from "./away.js";
import { OwnMessage } from "./own_message.js";
import { Standing } from "./standing.js";

const WHOLE_AT_ONCE = 12; // of what comes at the end; what is above is made whole as it is come near

export class Messages {
  /** `moved` hears whenever the reader stands elsewhere, or something changes its size. */
  constructor(scroller, column, moved) {
    this.column = column;
    this.scroller = scroller;
    this.views = new Map(); // message id → view
    this.items = []; // what is shown, in order
    this.elements = []; // the same, on the page
    const elements = () => this.elements;
    this.standing = new Standing(scroller, column, { elements, moved });
    this.around = new Around(scroller, {
      elements,
      isAway: (at) => this.views.get(this.items[at].id).isAway,
      wake: (at) => this.wake(this.items[at]),
      rest: (places) => this.rest(places.map((at) => this.items[at])),
    });
    this.adopt();
  }

  disconnect() {
    this.standing.disconnect();
    this.around.disconnect();
  }

  /** Messages that the server rendered become views of what they stand for, those on the screen first. */
  adopt() {
    for (const element of this.column.querySelectorAll(".message")) {
      this.views.set(element.dataset.message, new Served(element));
    }
    this.last = this.column.querySelector("[data-last]");
  }

  look() {
    this.around.look();
  }

  /** The whole view of a message, also of one that was far away. */
  whole(id) {
    const item = this.items.find((one) => one.id === id);
    if (item && this.views.get(id).isAway) this.wake(item);
    return item && this.views.get(id);
  }

  /** These are shown now. `sent` are those that the server has, among them what was on its way. */
  show(items, { runs, sent, lineDown }) {
    this.lineHasTurned = lineDown !== this.lineDown;
    this.lineDown = lineDown;
    this.renameSent(sent);
    this.removeAllBut(new Set(items.map((item) => item.id)));
    this.showAll(items, runs);
  }

  /** A pending message that the server now has keeps its element: nothing is drawn twice. */
  renameSent(sent) {
    for (const item of this.items) {
      const view = this.views.get(item.id);
      if (item.state !== "sending" || !view) continue;
      const own = sent.findLast((one) => one.role === "user" && one.text.trim() === item.text.trim());
      if (!own || this.views.has(own.id)) continue;
      this.views.delete(item.id);
      this.views.set(own.id, view);
    }
  }

  removeAllBut(ids) {
    const focused = this.column.contains(document.activeElement);
    for (const [id, view] of this.views) {
      if (ids.has(id)) continue;
      view.element.remove();
      this.views.delete(id);
    }
    // A focus that went with its message would begin at the top of the page.
    if (focused && document.activeElement === document.body) this.scroller.focus({ preventScroll: true });
  }

  /** Only what has changed is touched, however long the conversation is. */
  showAll(items, runs) {
    let before = null;
    this.items = items;
    this.elements = items.map((item, at) => {
      const run = runs.get(item.id);
      let view = this.viewOf(item, items.length - at <= WHOLE_AT_ONCE);
      if (view.isAway && run) view = this.swap(item, view, viewFor(item, view.ground));
      const says = item.state && this.lineHasTurned; // what has not gone out says so
      if (view.item !== item || view.run !== run || says) this.draw(view, item, run);
      this.place(view.element, before);
      before = view.element;
      return before;
    });
    this.markLast();
  }

  /** With `:last-of-type`, or a `+` between messages, the browser would find the styles of all of them anew whenever one comes or goes. */
  markLast() {
    const last = this.elements.at(-1) ?? null;
    const asked = this.items.at(-2)?.redacted ? "redacted" : ""; // that is not asked again
    if (last === this.last && last?.dataset.last === asked) return;
    this.last?.removeAttribute("data-last");
    last?.setAttribute("data-last", asked);
    this.last = last;
  }

  draw(view, item, run) {
    if (item.role === "assistant") view.show(item, run);
    else view.show(item, { lineDown: this.lineDown });
    Object.assign(view, { item, run });
  }

  place(element, before) {
    const next = before ? before.nextElementSibling : this.column.querySelector(".message");
    if (next !== element) this.column.insertBefore(element, next);
  }

  viewOf(item, isWhole) {
    if (!this.views.has(item.id)) {
      const isNow = isWhole || item.state || item.status === "running";
      this.views.set(item.id, isNow ? viewFor(item) : new Away(item));
      if (item.state === "sending") this.standing.following = true; // who sends wants to see it
    }
    return this.views.get(item.id);
  }

  wake(item) {
    const away = this.views.get(item.id);
    this.take(item, this.swap(item, away, viewFor(item, away.ground)));
    this.standing.keep();
  }

  /** On paper nobody comes near: all of it is made whole, and later laid to rest again. */
  wakeAll() {
    this.items.forEach((item, at) => {
      const away = this.views.get(item.id);
      if (away.isAway) this.take(item, this.swap(item, away, viewFor(item, away.ground)), at);
    });
    this.standing.keep();
  }

  /** All are measured before the first goes: the page is laid out once. */
  rest(items) {
    const idle = items.filter((item) => !this.isUsed(item));
    const heights = idle.map((item) => this.views.get(item.id).element.getBoundingClientRect().height);
    idle.forEach((item, nth) => this.take(item, this.swap(item, this.views.get(item.id), new Away(item, heights[nth]))));
    if (idle.length) this.standing.keep();
  }

  /** Whether somebody, or an answer, is at work in it. */
  isUsed(item) {
    const { element, run } = this.views.get(item.id);
    const isHeld = element.contains(document.activeElement) || document.getSelection().containsNode(element, true);
    return Boolean(run || item.state || isHeld || "editing" in element.dataset);
  }

  swap(item, old, view) {
    this.views.set(item.id, view);
    this.draw(view, item, old.run);
    if (view.element !== old.element) this.standing.replace(old.element, view.element);
    return view;
  }

  take(item, view, at = this.items.indexOf(item)) {
    this.elements[at] = view.element;
    this.markLast();
  }
}

function viewFor(item, element) {
  const View = item.role === "assistant" ? Answer : OwnMessage;
  return new View(element);
}
