// How often something that grows is drawn: once a frame at most, and less often where a frame takes long, so
// that whoever scrolls or types meanwhile has most of the main thread.

// What is drawn takes about a third of the time, and is never further behind than this.
const REST = 2;
const LONGEST_REST_MS = 120;

export class Pace {
  /** `draw` is called in an animation frame. */
  constructor(draw) {
    this.draw = draw;
    this.restUntil = 0;
    const { port1, port2 } = new MessageChannel();
    // The next task after a frame's callbacks comes when it has been laid out and painted.
    port1.onmessage = () => this.painted();
    this.after = port2;
  }

  soon() {
    if (this.frame || this.rest) return;
    this.again = this.isPainting; // how long this frame takes is not known yet
    if (this.again) return;
    const rest = this.restUntil - performance.now();
    if (rest > 0) this.rest = setTimeout(() => this.ask(), rest);
    else this.ask();
  }

  ask() {
    this.rest = null;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      this.began = performance.now();
      this.isPainting = true;
      this.after.postMessage(null); // first: what goes wrong while drawing does not stop the next frame
      this.draw();
    });
  }

  painted() {
    const now = performance.now();
    this.restUntil = now + Math.min(REST * (now - this.began), LONGEST_REST_MS);
    this.isPainting = false;
    if (this.again) this.soon();
  }

  stop() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.rest);
    this.frame = this.rest = null;
    this.again = false;
  }
}
