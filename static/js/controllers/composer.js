import { Controller } from "../lib/controllers.js";
import { GROWS_BY_ITSELF, acceptHeic, isComposing, isForThumbs, sends, toField } from "../lib/fields.js";
import { draftGoesOn, draftOf, earlyText, keepDraft, sweepDrafts } from "../lib/drafts.js";
import { fits } from "../lib/points.js";
import { tab } from "../lib/tab.js";
import { words } from "../lib/words.js";
import { failed, underway } from "../state/attachments.js";
import { Attachments } from "./attachments.js";

const KEEP_DRAFT_MS = 300;

/** Where a message is written: text, pictures, files, send and stop. */
export class Composer extends Controller {
  connect() {
    this.text = this.part("text");
    this.trouble = document.querySelector(".foot > [data-part=trouble]"); // looked for once: it stands behind all messages
    this.attached = new Attachments({
      place: this.part("attached"),
      field: this.text,
      shared: this.shared,
      changed: () => this.attachedChanged(),
      complain: (sentence) => this.refuse(sentence),
      inline: (text) => this.insert(text),
    });
    this.listen();
    tab.arrive();
    const { lost } = this.restore();
    sweepDrafts();
    if (this.shared.limits.heic) acceptHeic(this.part("files"));
    document.querySelector("[data-part=photograph]").hidden = !isForThumbs();
    this.showRun();
    this.showModel();
    if (lost.length) this.complain(words.notUploaded(lost));
    toField();
    this.takeOver();
  }

  listen() {
    this.on(this.text, "input", this.typed);
    this.on(this.text, "keydown", this.pressed);
    this.on(document, "keydown", this.pressedAnywhere);
    this.on(this.element, "submit", this.submit);
    this.on(document, "paste", this.pasted);
    this.on(this.part("files"), "change", this.picked);
    this.on(this.shared, "dropped", ({ detail }) => this.attached.take(detail, detail.dataTransfer));
    this.on(this.shared, "usefile", ({ detail }) => this.attached.add([detail]));
    this.on(this.shared, "usepicture", ({ detail }) => this.attached.use(detail));
    this.on(this.shared, "thread", this.showRun);
    this.on(this.shared, "model", this.showModel);
    this.on(this.shared, "trouble", (event) => this.complain(event.detail));
    this.on(this.shared, "recall", (event) => this.recall(event.detail));
    this.on(this.shared, "ask", (event) => this.ask(event.detail));
    this.on(this.shared, "arrived", this.arrived);
    this.on(window, "pagehide", this.gone);
  }

  /** Who typed and pressed Enter before the scripts had come is not asked to press it again. */
  takeOver() {
    const { dataset } = document.documentElement;
    dataset.ready = "";
    if (!("enter" in dataset)) return;
    delete dataset.enter;
    queueMicrotask(() => this.element.requestSubmit()); // once everything else is connected
  }

  disconnect() {
    super.disconnect();
    this.sendWhenReady = false; // else it would go out without what is taken away here
    this.attached.clear();
    clearTimeout(this.keeping);
  }

  // Drafts ----------------------------------------------------------------------------------------

  get place() {
    return [this.shared.user.id, this.shared.conversation?.id ?? null];
  }

  restore() {
    const draft = draftOf(...this.place);
    // What was typed before this script came stays, also where it never came (parts/first.js).
    const early = earlyText(this.shared.user.id, window.location.pathname);
    if (!this.text.value) this.text.value = [draft.text, early].filter(Boolean).join("\n\n");
    this.attached.restore(draft);
    this.typed();
    return draft;
  }

  keep() {
    clearTimeout(this.keeping);
    keepDraft(...this.place, { text: this.text.value, ...this.attached.draft });
  }

  gone() {
    this.keep();
    const [user, conversation] = this.place;
    if (this.shared.thread.deleted) draftGoesOn(user, conversation);
    tab.leave();
  }

  keepSoon() {
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => this.keep(), KEEP_DRAFT_MS);
  }

  /** What was typed while the conversation had no address yet moves along. */
  arrived() {
    keepDraft(this.shared.user.id, null, { text: "", images: [], files: [] });
    this.keep();
  }

  /** What comes back to be changed: an unsent message, or the question of a failed answer. */
  recall({ text, images, files, asks = null }) {
    this.text.value = [this.text.value.trim(), text].filter(Boolean).join("\n\n");
    this.attached.restore({ images, files });
    this.typed();
    this.asks = text && asks;
    this.text.focus();
  }

  // Pictures and files ----------------------------------------------------------------------------

  pick() {
    this.part("files").click();
  }

  picked({ target }) {
    this.attached.add([...target.files]);
    target.value = "";
  }

  /** Held, so that it is there when the photograph comes. */
  photograph() {
    this.camera ??= Object.assign(document.createElement("input"), { type: "file", accept: "image/*", capture: "environment" });
    this.camera.onchange = (event) => this.picked(event);
    this.camera.click();
  }

  /** Pictures and files also where no field has the focus; elsewhere a text is none for us. */
  pasted(event) {
    if (event.defaultPrevented) return;
    const { target, clipboardData } = event;
    const isOutside = !this.element.contains(target);
    if (isOutside && (target.closest?.("input, textarea, dialog, [contenteditable]") || !clipboardData.files.length)) return;
    this.attached.take(event, clipboardData);
  }

  /** At the caret, as if it had been pasted. */
  insert(text) {
    this.text.setRangeText(text, this.text.selectionStart, this.text.selectionEnd, "end");
    this.typed();
    this.text.focus();
  }

  /** One that was refused does not go out by itself when the others are there. */
  refuse(sentence) {
    this.sendWhenReady = false;
    this.complain(sentence);
  }

  attachedChanged() {
    this.showModel();
    this.showSend();
    this.keepSoon();
    this.shared.pictures = this.attached.ready.images;
    this.shared.tell("attached");
    if (this.sendWhenReady && !underway(this.attached.list)) this.element.requestSubmit();
  }

  // Writing ---------------------------------------------------------------------------------------

  typed() {
    this.sendWhenReady = false;
    if (!this.text.value.trim()) this.asks = null;
    if (!GROWS_BY_ITSELF) {
      this.text.style.height = "auto";
      this.text.style.height = `${this.text.scrollHeight}px`;
    }
    this.complain("");
    this.showSend();
    this.keepSoon();
    this.shared.tell("written");
  }

  pressed(event) {
    if (event.key === "ArrowUp" && !isComposing(event) && !this.text.value && !this.attached.list.length) {
      event.preventDefault();
      return this.shared.tell(this.shared.queue.entries.length ? "unqueuelast" : "editlast");
    }
    if (!sends(event)) return;
    event.preventDefault();
    this.element.requestSubmit();
  }

  pressedAnywhere(event) {
    if (event.key !== "Escape" || isComposing(event) || event.defaultPrevented) return;
    if (event.target.closest?.("select")) return; // it closes the list of models
    if (document.querySelector("dialog[open], :popover-open, .shelf[data-open]")) return;
    if (this.shared.run) this.stop();
  }

  submit(event) {
    event.preventDefault();
    this.sendWhenReady = false;
    const text = this.text.value;
    const problem = this.problem(text);
    if (problem) return this.complain(problem);
    if (underway(this.attached.list)) return this.wait();
    const { asks, attached } = this;
    const { images, files } = attached.ready;
    if (!text.trim() && !images.length && !files.length) return;
    this.text.value = "";
    this.attached.clear();
    this.typed();
    this.shared.sending.send({ text, images, files, asks });
    this.keep(); // once it is in the outbox or the queue: at no moment it is nowhere
  }

  /** Sent already, but a file is still on its way: it goes out by itself, unless one types on. */
  wait() {
    this.complain(words.uploadsRunning);
    this.sendWhenReady = true;
  }

  /** Why this cannot be sent now. What is written stays. */
  problem(text) {
    const most = this.shared.limits.text_bytes;
    if (failed(this.attached.list)) return words.uploadFailed;
    if (this.attached.tooMany) return this.attached.tooMany;
    return !fits(text, most) ? words.tooLong(most) : "";
  }

  /** A question of one click: out at once, unless one wants to change it first. */
  ask({ text, kind, change }) {
    this.text.value = [this.text.value.trim(), text].filter(Boolean).join("\n\n");
    this.typed();
    this.asks = kind;
    if (change || !isForThumbs()) this.text.focus({ preventScroll: true });
    if (!change) this.element.requestSubmit();
  }

  stop() {
    this.shared.halt();
  }

  /** A starter takes the place of another one, not of what one has written. */
  start(_event, trigger) {
    const written = this.text.value.trim();
    const fresh = trigger.dataset.text;
    this.text.value = written && written !== this.started ? `${written}\n\n${fresh}` : fresh;
    this.started = this.text.value;
    this.typed();
    this.text.focus();
  }

  // Showing ---------------------------------------------------------------------------------------

  complain(sentence) {
    if (this.trouble.hidden && !sentence) return;
    this.trouble.hidden = !sentence;
    this.trouble.querySelector("[data-part=sentence]").textContent = sentence;
  }

  showRun() {
    const { run } = this.shared;
    if (run && run.id === this.shownRun) return;
    if (!run && this.shownRun === null) return;
    const stopHadFocus = document.activeElement === this.part("stop");
    this.shownRun = run?.id ?? null;
    this.part("stop").hidden = !run;
    this.showSend();
    if (!run) this.complain("");
    if (stopHadFocus && !run) toField();
  }

  /** While an answer is being written there is a button to send only when there is something to queue. */
  showSend() {
    const something = Boolean(this.text.value.trim() || this.attached.list.length);
    this.part("send").disabled = !something;
    this.part("send").hidden = !something && Boolean(this.shared.run);
  }

  showModel() {
    const model = this.shared.models.find((one) => one.id === this.shared.model);
    document.querySelector("[data-part=builtin]").hidden = !model?.builtin;
    document.querySelector("[data-part=care]").hidden = Boolean(model?.builtin);
  }
}
