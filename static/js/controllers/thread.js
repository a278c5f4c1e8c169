import { Controller } from "../lib/controllers.js";
import { copy } from "../lib/copy.js";
import { edits } from "../lib/edits.js";
import { toField } from "../lib/fields.js";
import { hide } from "../lib/changes.js";
import { partsOf } from "../lib/templates.js";
import { messageOf } from "../state/thread.js";
import { Messages } from "../views/messages.js";
import { Pace } from "../views/pace.js";
import { words } from "../lib/words.js";

const SPOKEN_CHARACTERS = 600; // of a finished answer, to a screen reader
const SHOWN_MS = 2500; // the mark on a message that was gone to
const AHEAD = 3; // screens: so early earlier messages are asked for

/** The messages of the open conversation. */
export class Thread extends Controller {
  connect() {
    this.part = partsOf(this.element); // some stand behind all messages
    this.downButton = document.querySelector("[data-part=down]");
    this.messages = new Messages(this.element, this.part("column"), () => this.moved());
    this.standing = this.messages.standing;
    this.pace = new Pace(() => this.sync());
    this.on(this.shared, "thread line", this.soon);
    this.on(this.shared, "arrived", this.arrived);
    this.on(this.shared, "editlast", this.editLast);
    this.on(this.shared, "going", (event) => this.element.toggleAttribute("data-going", event.detail));
    this.on(this.shared, "goto", (event) => this.goTo(event.detail));
    this.on(this.shared, "bring", (event) => this.standing.bring(event.detail, this.element.clientHeight / 3));
    this.on(this.element, "scroll", this.scrolled);
    this.on(window, "beforeprint", () => this.messages.wakeAll());
    this.sync();
    this.messages.look();
    this.standing.follow();
    this.element.removeAttribute("aria-busy");
    this.editOn();
    this.beginWhereAsked();
  }

  disconnect() {
    super.disconnect();
    this.messages.disconnect();
    this.pace.stop();
    cancelAnimationFrame(this.looking);
  }

  /** However many tokens arrive, the page is touched once a frame. A hidden tab has no frames. */
  soon() {
    this.pace.soon();
  }

  syncNow() {
    this.pace.stop();
    this.sync();
  }

  sync() {
    const { thread, line } = this.shared;
    if (thread.deleted) return window.location.replace("/"); // going back would lead to nothing
    const pending = thread.pending.filter((one) => !one.message || !messageOf(thread, one.message));
    const items = [...thread.messages, ...pending];
    this.sayWhatChanged(thread);
    const runs = new Map(Object.values(thread.runs).map((run) => [run.message, run]));
    this.messages.show(items, { runs, sent: thread.messages, lineDown: line.state !== "open" });
    hide(this.part("older"), !thread.next);
    hide(this.part("empty"), items.length > 0);
    this.standing.keep();
  }

  /** A screen reader hears that an answer began, and what it said; not each token. */
  sayWhatChanged(thread) {
    const last = thread.messages.at(-1);
    const now = last?.role === "assistant" ? last.status : null;
    if (this.spoken !== undefined && now !== this.spoken) {
      if (now === "running") this.say(words.answering);
      else if (this.spoken === "running" && last) this.say(last.error?.message ?? last.text.slice(0, SPOKEN_CHARACTERS));
    }
    this.spoken = now;
  }

  say(sentence) {
    this.part("said").textContent = sentence;
  }

  moved() {
    hide(this.downButton, this.standing.isAtEnd);
    this.looking ??= requestAnimationFrame(() => {
      this.looking = null;
      this.messages.look();
      if (this.isNearTop) this.older();
    });
  }

  // Where the reader stands -----------------------------------------------------------------------

  down() {
    this.standing.follow();
  }

  arrived() {
    this.standing.following = true;
  }

  scrolled() {
    this.olderFailed = false;
    this.standing.scrolled();
  }

  get isNearTop() {
    const { scrollTop, clientHeight } = this.element;
    return !this.standing.following && !this.olderFailed && scrollTop < AHEAD * clientHeight;
  }

  /** Earlier messages come by themselves before they are needed. */
  async older() {
    const { next } = this.shared.thread;
    if (!next) return;
    await this.shared.older();
    this.olderFailed = this.shared.thread.next === next; // until the reader moves again
    this.syncNow();
  }

  /** An address may name a message: `#m-…`. */
  beginWhereAsked() {
    const asked = () => {
      const [, id] = /^#m-([\w-]{1,36})$/.exec(window.location.hash) ?? [];
      if (id && this.shared.conversation) this.shared.goTo(id);
    };
    this.on(window, "hashchange", asked);
    // The same address once more leads there once more, and tells of no change.
    this.on(document, "click", ({ target }) => target.closest?.("a[href]")?.href === window.location.href && asked());
    asked();
  }

  /** Bring a message before the reader's eyes; unless `quietly`, show for a moment which one it is. */
  goTo({ id, quietly }) {
    this.syncNow();
    const element = this.messages.whole(id)?.element;
    if (!element) return;
    this.standing.bring(element);
    this.messages.look();
    if (!quietly) this.point(element);
  }

  point(element) {
    element.tabIndex = -1;
    element.focus({ preventScroll: true });
    element.dataset.found = "";
    setTimeout(() => delete element.dataset.found, SHOWN_MS);
  }

  // What one can do with a message ----------------------------------------------------------------

  /** Of the message that a button stands in, or of the menu that was opened by one. */
  idAt(trigger) {
    return trigger.closest("[data-message]").dataset.message;
  }

  copyMessage(_event, trigger) {
    copy(messageOf(this.shared.thread, this.idAt(trigger)).text, trigger);
  }

  retry(_event, trigger) {
    this.shared.sending.retry(this.idAt(trigger));
  }

  /** Take an unsent message back into the composer. */
  takeBack(_event, trigger) {
    const pending = this.shared.sending.withdraw(this.idAt(trigger));
    if (pending) this.shared.tell("recall", pending); // else it was the second of two clicks
  }

  edit(_event, trigger) {
    this.editMessage(messageOf(this.shared.thread, this.idAt(trigger)), () => trigger.focus());
  }

  /** The question of an answer, which cannot be answered as it is. */
  editAsked(_event, trigger) {
    const { parent } = messageOf(this.shared.thread, this.idAt(trigger));
    const question = messageOf(this.shared.thread, parent);
    if (question) this.editMessage(question, () => trigger.focus());
  }

  editLast() {
    this.syncNow();
    const last = this.shared.thread.messages.findLast((message) => message.role === "user");
    if (last) this.editMessage(last, () => toField());
  }

  editMessage(message, stayed, { focus = true } = {}) {
    if (message.redacted) return stayed();
    const { shared } = this;
    const done = (written) => {
      edits.forget(shared.user.id, message.id);
      if (written === null) return stayed();
      if (written.text.trim() || written.images.length || written.files.length) shared.sending.edit(message, written);
      toField();
    };
    const keep = (written) => edits.keep(shared.user.id, message.id, written);
    const begun = edits.read(shared.user.id, message.id) ?? { ...message, files: message.files ?? [] };
    this.messages.whole(message.id).edit(begun, { shared, keep, done, focus });
  }

  /** What was being edited when the page was left. */
  editOn() {
    for (const id of edits.of(this.shared.user.id)) {
      const message = messageOf(this.shared.thread, id);
      if (message) this.editMessage(message, () => toField(), { focus: false });
    }
  }

  tryAgain(_event, trigger) {
    this.busy(trigger, this.shared.regenerate(this.idAt(trigger)));
  }

  async tryAgainWith(_event, trigger) {
    this.standing.following = true;
    await this.shared.regenerate(this.idAt(trigger), trigger.dataset.model);
    toField();
  }

  goOn(_event, trigger) {
    this.busy(trigger, this.shared.goOn(this.idAt(trigger)));
  }

  /** No second click while the first is on its way. A focus that went with the button moves on. */
  async busy(trigger, work) {
    trigger.disabled = true;
    this.standing.following = true;
    await work;
    trigger.disabled = false;
    this.syncNow();
    if (document.activeElement === document.body || trigger.hidden) toField();
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
    this.standing.following = false;
    await this.shared.turnTo(other);
    this.syncNow();
    const place = this.messages.whole(other)?.element.querySelector("[data-part=versions]");
    if (!place) return;
    const same = place.querySelector(step < 0 ? "[data-part=previous]" : "[data-part=next]");
    this.element.scrollTop += same.getBoundingClientRect().top - top;
    this.standing.hold();
    (same.disabled ? place.querySelector("button:enabled") : same)?.focus({ preventScroll: true });
  }
}
