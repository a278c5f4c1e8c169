import { newId } from "./ids.js";

/** An entry of the history for what was opened over the page, so that the back button closes it, as it closes
    what is opened on a phone. `closed()` is called when it was pressed. */
export class Back {
  constructor(closed) {
    this.closed = closed;
  }

  enter() {
    this.mark = newId();
    this.leaving = null;
    this.life = new AbortController();
    history.pushState({ over: this.mark }, "");
    window.addEventListener("popstate", () => this.stepped(), { signal: this.life.signal });
  }

  stepped() {
    this.life.abort();
    this.closed();
  }

  /** It was closed otherwise: the entry goes, too. Done when the page stands where it stood, and one may go on
      from there; before that, going back would undo it. */
  leave() {
    this.leaving ??= this.goBack();
    return this.leaving;
  }

  async goBack() {
    this.life.abort();
    if (history.state?.over !== this.mark) return; // the page has gone on meanwhile, or back was pressed
    const done = new Promise((resolve) => window.addEventListener("popstate", resolve, { once: true }));
    history.back();
    await done;
  }
}
