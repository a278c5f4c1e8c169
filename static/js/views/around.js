// Of a long conversation the messages around the reader are whole; of the others only the place is kept.
import { whenIdle } from "../lib/idle.js";
import { firstBelow } from "./standing.js";

const WHOLE = 80; // messages: some screens to either side, and what the browser's own search can find
const SPARE = 20; // so many more before any is laid to rest again: no flicker at the edge
const MARGIN = 0.5; // of the screen's height that is made whole at once, above and below it

export class Around {
  /** `elements` in their order; `isAway`, `wake` and `rest` are asked and told by places in that order. */
  constructor(scroller, { elements, isAway, wake, rest }) {
    Object.assign(this, { scroller, elements, isAway, wake, rest });
  }

  disconnect() {
    this.over = true;
  }

  /** What is on the screen becomes whole now; what is near it when there is time. */
  look() {
    const elements = this.elements();
    const { top, height } = this.scroller.getBoundingClientRect();
    const first = elements.indexOf(firstBelow(elements, top - height * MARGIN));
    this.centre = first < 0 ? Math.max(0, elements.length - 1) : first;
    const end = top + height * (1 + MARGIN);
    for (let at = this.centre; at < elements.length; at += 1) {
      if (elements[at].getBoundingClientRect().top > end) break;
      if (this.isAway(at)) this.wake(at);
    }
    this.soon();
  }

  soon() {
    if (this.waiting) return;
    this.waiting = true;
    whenIdle(() => {
      this.waiting = false;
      if (!this.over && this.step()) this.soon();
    });
  }

  /** One message at a time, the nearest first. False when nothing is left to be done. */
  step() {
    const { length } = this.elements();
    const from = Math.max(0, Math.min(this.centre - WHOLE / 2, length - WHOLE));
    const to = Math.min(length, from + WHOLE);
    const next = nearest(this.centre, from, to, this.isAway);
    if (next !== null) this.wake(next);
    else this.restOutside(from - SPARE, to + SPARE, length);
    return next !== null;
  }

  restOutside(from, to, length) {
    const far = Array.from({ length }, (_, at) => at).filter((at) => (at < from || at >= to) && !this.isAway(at));
    if (far.length) this.rest(far);
  }
}

/** The place nearest to `centre` from `from` to before `to` of which `is` holds, or null. */
export function nearest(centre, from, to, is) {
  for (let by = 0; centre - by >= from || centre + by < to; by += 1) {
    for (const at of [centre + by, centre - by]) if (at >= from && at < to && is(at)) return at;
  }
  return null;
}
