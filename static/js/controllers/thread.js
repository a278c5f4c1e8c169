import { Controller } from "../lib/controllers.js";
import { copy } from "../lib/copy.js";
import { edits } from "../lib/edits.js";
import { isForThumbs } from "../lib/fields.js";
import { messageOf } from "../state/thread.js";
import { Answer } from "../views/answer.js";
import { OwnMessage } from "../views/own_message.js";
import { words } from "../lib/words.js";

const AT_BOTTOM_PX = 40; // so near the end counts as following it
const SPOKEN_CHARACTERS = 600; // of a finished answer, to a screen reader

/** The messages of the open conversation, and where the reader stands in them. */
export class Thread extends Controller {
  connect() {
    this.column = this.part("column");
    this.views = new Map(); // message id → view
    this.following = true;
    this.adopt();
    this.on(this.shared, "thread line", this.soon);
    this.on(this.shared, "arrived", this.arrived);
    this.on(this.shared, "editlast", this.editLast);
    this.on(this.element, "scroll", this.scrolled);
    this.resized = new ResizeObserver(() => this.follow());
    this.resized.observe(this.element);
    this.resized.observe(this.column);
    this.sync();
    this.element.removeAttribute("aria-busy");
    this.follow();
    this.watchTop();
    this.editOn();
  }

  disconnect() {
    super.disconnect();
    this.resized.disconnect();
    this.top?.disconnect();
    cancelAnimationFrame(this.frame);
  }

  /** Messages that the server rendered become views of what they stand for. */
  adopt() {
    for (const element of this.column.querySelectorAll(".message")) {
      const View = element.classList.contains("own") ? OwnMessage : Answer;
      this.views.set(element.dataset.message, new View(element));
    }
  }

  /** However many tokens arrive, the page is touched once a frame. A hidden tab has no frames. */
  soon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.sync();
    });
  }

  syncNow() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    this.sync();
  }

  sync() {
    const { thread, line } = this.shared;
    if (thread.deleted) return window.location.assign("/");
    const pending = thread.pending.filter((one) => !one.message || !messageOf(thread, one.message));
    const items = [...thread.messages, ...pending];
    this.sayWhatChanged(thread);
    this.renameSent(thread.messages);
    this.removeAllBut(new Set(items.map((item) => item.id)));
    this.placeAll(items, thread, line.state !== "open");
    this.part("older").hidden = !thread.next;
    this.part("empty").hidden = items.length > 0;
    this.follow();
  }

  /** A pending message that the server now has keeps its element: nothing is drawn twice. */
  renameSent(messages) {
    for (const [id, view] of this.views) {
      if (view.item?.state !== "sending") continue;
      const own = messages.findLast((one) => one.role === "user" && one.text.trim() === view.item.text.trim());
      if (!own || this.views.has(own.id)) continue;
      this.views.delete(id);
      this.views.set(own.id, view);
    }
  }

  removeAllBut(ids) {
    for (const [id, view] of this.views) {
      if (ids.has(id)) continue;
      view.element.remove();
      this.views.delete(id);
    }
  }

  placeAll(items, thread, lineDown) {
    const runs = new Map(Object.values(thread.runs).map((run) => [run.message, run]));
    let before = null;
    for (const item of items) {
      const view = this.viewOf(item);
      const run = runs.get(item.id);
      if (view.item !== item || view.run !== run || item.state) {
        if (item.role === "assistant") view.show(item, run);
        else view.show(item, { lineDown });
        Object.assign(view, { item, run });
      }
      this.place(view.element, before);
      before = view.element;
    }
  }

  place(element, before) {
    const next = before ? before.nextElementSibling : this.column.querySelector(".message");
    if (next !== element) this.column.insertBefore(element, next);
  }

  viewOf(item) {
    if (!this.views.has(item.id)) {
      this.views.set(item.id, item.role === "assistant" ? new Answer() : new OwnMessage());
      if (item.state === "sending") this.following = true; // who sends wants to see it
    }
    return this.views.get(item.id);
  }

  /** A screen reader hears that an answer began, and what it said; not each token. */
  sayWhatChanged(thread) {
    const last = thread.messages.at(-1);
    const now = last?.role === "assistant" ? last.status : null;
    if (this.spoken !== undefined && now !== this.spoken) {
      if (now === "running") this.part("said").textContent = words.answering;
      else if (this.spoken === "running" && last) {
        this.part("said").textContent = last.error?.message ?? last.text.slice(0, SPOKEN_CHARACTERS);
      }
    }
    this.spoken = now;
  }

  // Where the reader stands -----------------------------------------------------------------------

  get rest() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight;
  }

  scrolled() {
    const { scrollTop } = this.element;
    const up = scrollTop < this.lastTop - 1;
    this.following = up ? this.rest < 2 : this.rest < AT_BOTTOM_PX;
    this.lastTop = scrollTop;
    this.showDown();
  }

  follow() {
    if (this.following) {
      this.element.scrollTop = this.element.scrollHeight;
      this.lastTop = this.element.scrollTop;
    }
    this.showDown();
  }

  showDown() {
    document.querySelector("[data-part=down]").hidden = this.following || this.rest < AT_BOTTOM_PX;
  }

  down() {
    this.following = true;
    this.follow();
  }

  // Earlier messages ------------------------------------------------------------------------------

  watchTop() {
    this.top = new IntersectionObserver(
      ([seen]) => seen.isIntersecting && !this.following && this.older(),
      { root: this.element, rootMargin: "400px 0px 0px" },
    );
    this.top.observe(this.part("older"));
  }

  /** They are put above, and what is being read stays where it is. */
  async older() {
    const before = this.element.scrollHeight - this.element.scrollTop;
    await this.shared.older();
    this.syncNow();
    this.element.scrollTop = this.element.scrollHeight - before;
    this.lastTop = this.element.scrollTop;
  }

  // What one can do with a message ----------------------------------------------------------------

  idAt(trigger) {
    return trigger.closest(".message").dataset.message;
  }

  copyMessage(_event, trigger) {
    copy(messageOf(this.shared.thread, this.idAt(trigger)).text, trigger);
  }

  retry(_event, trigger) {
    this.shared.retry(this.idAt(trigger));
  }

  /** Take an unsent message back into the composer. */
  takeBack(_event, trigger) {
    this.shared.tell("recall", this.shared.withdraw(this.idAt(trigger)));
  }

  edit(_event, trigger) {
    this.editMessage(messageOf(this.shared.thread, this.idAt(trigger)), () => trigger.focus());
  }

  editLast() {
    const last = this.shared.thread.messages.findLast((message) => message.role === "user");
    if (last) this.editMessage(last, () => this.toComposer());
  }

  editMessage(message, stayed, { focus = true } = {}) {
    const { shared } = this;
    const done = (written) => {
      edits.forget(shared.user.id, message.id);
      if (written === null) return stayed();
      if (written.text.trim() || written.images.length || written.files.length) shared.edit(message, written);
      this.toComposer();
    };
    const keep = (written) => edits.keep(shared.user.id, message.id, written);
    const begun = edits.read(shared.user.id, message.id) ?? { ...message, files: message.files ?? [] };
    this.views.get(message.id).edit(begun, { shared, keep, done, focus });
  }

  /** What was being edited when the page was left. */
  editOn() {
    for (const id of edits.of(this.shared.user.id)) {
      const message = messageOf(this.shared.thread, id);
      if (message) this.editMessage(message, () => this.toComposer(), { focus: false });
    }
  }

  tryAgain(_event, trigger) {
    this.busy(trigger, this.shared.regenerate(this.idAt(trigger)));
  }

  goOn(_event, trigger) {
    this.busy(trigger, this.shared.goOn(this.idAt(trigger)));
  }

  /** No second click while the first is on its way. A focus that went with the button moves on. */
  async busy(trigger, work) {
    trigger.disabled = true;
    this.following = true;
    await work;
    trigger.disabled = false;
    this.syncNow();
    if (document.activeElement === document.body || trigger.hidden) this.toComposer();
  }

  /** On a phone that would call up the keyboard. */
  toComposer() {
    if (!isForThumbs()) document.querySelector("#message").focus({ preventScroll: true });
  }

  previousVersion(_event, trigger) {
    this.turn(trigger, -1);
  }

  nextVersion(_event, trigger) {
    this.turn(trigger, 1);
  }

  /** The version beside this one, in its place on the screen and under the same finger. */
  async turn(trigger, step) {
    const { siblings, id } = messageOf(this.shared.thread, this.idAt(trigger));
    const other = siblings[siblings.indexOf(id) + step];
    const top = trigger.getBoundingClientRect().top;
    this.following = false;
    await this.shared.turnTo(other);
    this.syncNow();
    const place = this.views.get(other)?.element.querySelector("[data-part=versions]");
    if (!place) return;
    const same = place.querySelector(step < 0 ? "[data-part=previous]" : "[data-part=next]");
    this.element.scrollTop += same.getBoundingClientRect().top - top;
    (same.disabled ? place.querySelector("button:enabled") : same)?.focus({ preventScroll: true });
  }

  arrived() {
    this.following = true;
  }
}
