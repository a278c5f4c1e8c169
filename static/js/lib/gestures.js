const STILL_PX = 6; // a finger that does not move further has not moved
const TWICE_MS = 350;
const TWICE_PX = 30;

/** Fingers, mouse and wheel on an element, as what they mean: `moved([dx, dy])`, `grown(factor, point)`,
    `let go({dx, dy})` after a drag, `twice(point)`, `once(target)`. Points are from its middle. */
export class Gestures {
  constructor(element, heard, { signal }) {
    Object.assign(this, { element, heard });
    this.fingers = new Map(); // pointer → {x, y}
    const on = (type, handler, more) => element.addEventListener(type, handler.bind(this), { signal, ...more });
    on("pointerdown", this.down);
    on("pointermove", this.move);
    on("pointerup", this.up);
    on("pointercancel", this.gone);
    on("wheel", this.turned, { passive: false });
    on("dragstart", (event) => event.preventDefault());
  }

  down(event) {
    if (event.button) return;
    this.element.setPointerCapture(event.pointerId);
    if (!this.fingers.size) this.way = { dx: 0, dy: 0, many: false, target: event.target };
    this.fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (this.fingers.size > 1) this.way.many = true;
  }

  move(event) {
    const finger = this.fingers.get(event.pointerId);
    if (!finger) return;
    const [before, spread] = this.between();
    const [dx, dy] = [event.clientX - finger.x, event.clientY - finger.y];
    Object.assign(finger, { x: event.clientX, y: event.clientY });
    const [now, wider] = this.between();
    this.way.dx += dx;
    this.way.dy += dy;
    this.heard.moved([now.x - before.x, now.y - before.y]);
    if (spread && wider) this.heard.grown(wider / spread, now);
  }

  /** The middle between the fingers, and how far they are from each other. */
  between() {
    const all = [...this.fingers.values()];
    const mean = (of) => all.reduce((sum, finger) => sum + finger[of], 0) / all.length;
    const [one, other] = all;
    const spread = other ? Math.hypot(one.x - other.x, one.y - other.y) : 0;
    return [this.point(mean("x"), mean("y")), spread];
  }

  up(event) {
    this.gone(event);
    if (this.fingers.size || !this.way) return;
    const { dx, dy, many, target } = this.way;
    this.way = null;
    if (many) return;
    if (Math.hypot(dx, dy) > STILL_PX) return this.heard.letGo({ dx, dy });
    this.pressed(event, target);
  }

  gone({ pointerId }) {
    this.fingers.delete(pointerId);
  }

  pressed({ timeStamp, clientX, clientY }, target) {
    const { last } = this;
    const isSecond = last && timeStamp - last.at < TWICE_MS && Math.hypot(clientX - last.x, clientY - last.y) < TWICE_PX;
    this.last = isSecond ? null : { at: timeStamp, x: clientX, y: clientY };
    if (isSecond) this.heard.twice(this.point(clientX, clientY));
    else this.heard.once(target);
  }

  /** A pinch on a touch pad comes as a wheel with Ctrl, in small steps. */
  turned(event) {
    event.preventDefault();
    const px = event.deltaY * (event.deltaMode ? 16 : 1);
    this.heard.grown(Math.exp(-px * (event.ctrlKey ? 0.01 : 0.002)), this.point(event.clientX, event.clientY));
  }

  point(x, y) {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    return { x: x - left - width / 2, y: y - top - height / 2 };
  }
}
