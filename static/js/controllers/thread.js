import { Controller } from "../lib/controllers.js";
import { copy } from "../lib/copy.js";
import { edits } from "../lib/edits.js";
import { isForThumbs } from "../lib/fields.js";
import { messageOf } from "../state/thread.js";
import { Answer } from "../views/answer.js";
import { Around } from "../views/around.js";
import { Away, Served } from "../views/away.js";
import { OwnMessage } from "../views/own_message.js";
import { Standing } from "../views/standing.js";
import { words } from "../lib/words.js";

const SPOKEN_CHARACTERS = 600; // of a finished answer, to a screen reader
const WHOLE_AT_ONCE = 12; // of what comes at the end; what is above is made whole as it is come near
const SHOWN_MS = 2500; // the mark on a message that was gone to
const AHEAD = 3; // screens: so early earlier messages are asked for

/** The messages of the open conversation. */
export class Thread extends Controller {
  connect() {
    this.column = this.part("column");
    this.views = new Map(); // message id → view
    this.items = []; // what is shown, in order
    this.elements = []; // the same, on the page
    const elements = () => this.elements;
    this.standing = new Standing(this.element, this.column, { elements, moved: () => this.moved() });
    this.around = new Around(this.element, {
      elements,
      isAway: (at) => this.viewAt(at).isAway,
      wake: (at) => this.wake(this.items[at]),
      rest: (at) => this.rest(this.items[at]),
    });
    this.adopt();
    this.on(this.shared, "thread line", this.soon);
    this.on(this.shared, "arrived", this.arrived);
    this.on(this.shared, "editlast", this.editLast);
    this.on(this.shared, "goto", (event) => this.goTo(event.detail));
    this.on(this.shared, "bring", (event) => this.standing.bring(event.detail, this.element.clientHeight / 3));
    this.on(this.shared, "said", (event) => this.say(event.detail));
    this.on(this.element, "scroll", this.scrolled);
    this.sync();
    this.around.look();
    this.standing.follow();
    this.element.removeAttribute("aria-busy");
    this.editOn();
    this.beginWhereAsked();
  }

  disconnect() {
    super.disconnect();
    this.standing.disconnect();
    this.around.disconnect();
    cancelAnimationFrame(this.frame);
    cancelAnimationFrame(this.looking);
  }

  /** Messages that the server rendered become views of what they stand for, those on the screen first. */
  adopt() {
    for (const element of this.column.querySelectorAll(".message")) {
      this.views.set(element.dataset.message, new Served(element));
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
    this.showAll(items, new Map(Object.values(thread.runs).map((run) => [run.message, run])));
    if (line.state !== this.lineState) this.showLine((this.lineState = line.state));
    this.part("older").hidden = !thread.next;
    this.part("empty").hidden = items.length > 0;
    this.standing.keep();
  }

  /** A pending message that the server now has keeps its element: nothing is drawn twice. */
  renameSent(messages) {
    for (const item of this.items) {
      const view = this.views.get(item.id);
      if (item.state !== "sending" || !view) continue;
      const own = messages.findLast((one) => one.role === "user" && one.text.trim() === item.text.trim());
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
    if (focused && document.activeElement === document.body) this.element.focus({ preventScroll: true });
  }

  /** Only what has changed is touched, however long the conversation is. */
  showAll(items, runs) {
    let before = null;
    this.items = items;
    this.elements = items.map((item, at) => {
      const run = runs.get(item.id);
      let view = this.viewOf(item, items.length - at <= WHOLE_AT_ONCE);
      if (view.isAway && run) view = this.swap(item, view, viewFor(item, view.ground));
      if (view.item !== item || view.run !== run || item.state) this.show(view, item, run);
      this.place(view.element, before);
      before = view.element;
      return before;
    });
  }

  show(view, item, run) {
    if (item.role === "assistant") view.show(item, run);
    else view.show(item, { lineDown: this.shared.line.state !== "open" });
    Object.assign(view, { item, run });
  }

  /** What was sent and has not gone out says so. */
  showLine() {
    for (const item of this.shared.thread.pending) {
      const view = this.views.get(item.id);
      if (view) this.show(view, item);
    }
  }

  place(element, before) {
    if (before ? before.nextElementSibling === element : this.elements[0] === element && element.isConnected) return;
    const next = before ? before.nextElementSibling : this.column.querySelector(".message");
    if (next !== element) this.column.insertBefore(element, next);
  }

  viewOf(item, isWhole) {
    if (!this.views.has(item.id)) {
      this.views.set(item.id, isWhole || item.state || item.status === "running" ? viewFor(item) : new Away(item));
      if (item.state === "sending") this.standing.following = true; // who sends wants to see it
    }
    return this.views.get(item.id);
  }

  viewAt(at) {
    return this.views.get(this.items[at].id);
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

  // Near and far ----------------------------------------------------------------------------------

  wake(item) {
    const away = this.views.get(item.id);
    this.become(item, this.swap(item, away, viewFor(item, away.ground)));
  }

  /** Not while somebody is at work in it. */
  rest(item) {
    const view = this.views.get(item.id);
    const { element } = view;
    const isUsed = element.contains(document.activeElement) || document.getSelection().containsNode(element, true);
    if (view.run || item.state || isUsed || "editing" in element.dataset) return;
    this.become(item, this.swap(item, view, new Away(item, element.offsetHeight)));
  }

  swap(item, old, view) {
    this.views.set(item.id, view);
    this.show(view, item, old.run);
    if (view.element !== old.element) this.standing.replace(old.element, view.element);
    return view;
  }

  become(item, view) {
    this.elements[this.items.indexOf(item)] = view.element;
    this.standing.keep();
  }

  moved() {
    document.querySelector("[data-part=down]").hidden = this.standing.isAtEnd;
    this.looking ??= requestAnimationFrame(() => {
      this.looking = null;
      this.around.look();
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
    asked();
  }

  /** Bring a message before the reader's eyes; unless `quietly`, show for a moment which one it is. */
  goTo({ id, quietly }) {
    this.syncNow();
    const item = this.items.find((one) => one.id === id);
    if (!item) return;
    if (this.views.get(id).isAway) this.wake(item);
    const { element } = this.views.get(id);
    this.standing.bring(element);
    this.around.look();
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
      if (message && this.views.has(id)) this.editMessage(message, () => this.toComposer(), { focus: false });
    }
  }

  tryAgain(_event, trigger) {
    this.busy(trigger, this.shared.regenerate(this.idAt(trigger)));
  }

  async tryAgainWith(_event, trigger) {
    this.standing.following = true;
    await this.shared.regenerate(this.idAt(trigger), trigger.dataset.model);
    this.toComposer();
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
    this.standing.following = false;
    await this.shared.turnTo(other);
    this.syncNow();
    const place = this.views.get(other)?.element.querySelector("[data-part=versions]");
    if (!place) return;
    const same = place.querySelector(step < 0 ? "[data-part=previous]" : "[data-part=next]");
    this.element.scrollTop += same.getBoundingClientRect().top - top;
    this.standing.hold();
    (same.disabled ? place.querySelector("button:enabled") : same)?.focus({ preventScroll: true });
  }
}

function viewFor(item, element) {
  const View = item.role === "assistant" ? Answer : OwnMessage;
  return new View(element);
}
