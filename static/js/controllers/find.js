import { Controller } from "../lib/controllers.js";
import { isComposing, toField } from "../lib/fields.js";
import { words } from "../lib/words.js";
import { api } from "../live/api.js";
import { matchesIn, patternOf, placeOf, total } from "../state/finding.js";
import { mark, rangesOf, unmark } from "../views/marks.js";

const PAUSE_MS = 150; // in typing

/** Words in the open conversation: on its whole branch, also in messages that are not loaded. */
export class Find extends Controller {
  connect() {
    this.field = this.part("words");
    this.found = [];
    this.on(this.shared, "find", (event) => this.open(event.detail));
    this.on(document.getElementById("conversation-menu"), "beforetoggle", this.offer);
    this.on(this.shared, "thread", this.markSoon);
    this.on(document.querySelector(".thread"), "scroll", this.markSoon);
    this.on(this.field, "input", this.typed);
    this.on(this.element, "keydown", this.pressed);
    this.on(this.element, "submit", (event) => event.preventDefault());
  }

  disconnect() {
    super.disconnect();
    clearTimeout(this.waiting);
    clearTimeout(this.marking);
    unmark();
  }

  /** The menu is also that of other conversations in the list. */
  offer({ target }) {
    const { for: id } = target.dataset;
    target.querySelector("[data-part=find]").hidden = Boolean(id) && id !== this.shared.conversation?.id;
  }

  /** Without words: those of the last time, ready to be typed over. */
  open(sought) {
    if (this.element.hidden) this.before = document.activeElement;
    this.element.hidden = false;
    if (typeof sought === "string" && sought) this.field.value = sought;
    this.field.focus();
    this.field.select();
    this.search();
  }

  close() {
    this.element.hidden = true;
    this.found = [];
    this.pattern = null;
    unmark();
    const { before } = this;
    if (before?.isConnected && before !== document.body) before.focus({ preventScroll: true });
    else toField();
  }

  pressed(event) {
    if (isComposing(event)) return;
    if (event.key === "Escape") {
      event.preventDefault(); // and so nothing is stopped
      this.close();
    } else if (event.key === "Enter" && event.target === this.field) {
      event.preventDefault();
      if (event.shiftKey) this.previous();
      else this.next();
    }
  }

  typed() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.search(), PAUSE_MS);
  }

  // Finding ---------------------------------------------------------------------------------------

  async search() {
    const sought = this.field.value;
    const { thread } = this.shared;
    this.pattern = patternOf(sought);
    const here = this.pattern ? matchesIn(thread.messages, this.pattern) : [];
    const earlier = this.pattern && thread.next ? await this.earlier(sought, thread.next) : [];
    if (sought !== this.field.value || this.element.hidden) return; // something else is sought by now
    this.found = [...earlier, ...here];
    this.nth = total(this.found) - 1; // what was said last comes first
    await this.show();
  }

  /** In messages that are not loaded the server looks. */
  async earlier(sought, leaf) {
    const asked = new URLSearchParams({ q: sought, leaf });
    try {
      const { items } = await api.get(`conversations/${this.shared.conversation.id}/search?${asked}`);
      return items;
    } catch (error) {
      this.shared.tell("trouble", error.message);
      return [];
    }
  }

  next() {
    this.step(1);
  }

  previous() {
    this.step(-1);
  }

  /** After the last comes the first. */
  step(by) {
    const all = total(this.found);
    if (!all) return;
    this.nth = (this.nth + by + all) % all;
    this.show();
  }

  async show() {
    const all = total(this.found);
    const place = placeOf(this.found, this.nth);
    this.part("count").textContent = this.pattern ? words.match(place ? this.nth + 1 : 0, all) : "";
    for (const name of ["previous", "next"]) this.part(name).disabled = all < 2;
    if (place) await this.shared.goTo(place.message, { quietly: true });
    const ranges = this.mark(place);
    if (ranges?.here) this.shared.tell("bring", ranges.here);
  }

  /** What is on the page now: messages that are far away are marked when they are whole again. */
  mark(place = placeOf(this.found, this.nth ?? -1)) {
    if (this.element.hidden || !this.pattern) return unmark();
    const bodies = [...document.querySelectorAll(".message .body")];
    const ranges = bodies.flatMap((body) => {
      const message = body.closest(".message").dataset.message;
      return rangesOf(body, this.pattern).map((range, at) => ({ message, at, range }));
    });
    const mine = ranges.filter(({ message }) => message === place?.message);
    const here = mine[Math.min(place?.at ?? 0, mine.length - 1)]?.range;
    mark(ranges.map(({ range }) => range), here);
    return { here };
  }

  markSoon() {
    if (this.element.hidden) return;
    this.marking ??= setTimeout(() => {
      this.marking = null;
      this.mark();
    }, PAUSE_MS);
  }
}
