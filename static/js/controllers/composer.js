import { Controller } from "../lib/controllers.js";
import { GROWS_BY_ITSELF, isForThumbs, sends } from "../lib/fields.js";
import { draftOf, keepDraft, sweepDrafts } from "../lib/drafts.js";
import { fits } from "../lib/points.js";
import { words } from "../lib/words.js";
import { images, underway } from "../state/attachments.js";
import { Pictures } from "./pictures.js";

const KEEP_DRAFT_MS = 300;

/** Where a message is written: text, pictures, send and stop. */
export class Composer extends Controller {
  connect() {
    this.text = this.part("text");
    this.pictures = new Pictures(this);
    this.pictures.connect();
    this.on(this.text, "input", this.typed);
    this.on(this.text, "keydown", this.pressed);
    this.on(document, "keydown", this.pressedAnywhere);
    this.on(this.element, "submit", this.submit);
    this.on(this.shared, "thread", this.showRun);
    this.on(this.shared, "model", this.showModel);
    this.on(this.shared, "trouble", (event) => this.complain(event.detail));
    this.on(this.shared, "recall", (event) => this.recall(event.detail));
    this.on(this.shared, "arrived", this.arrived);
    this.on(window, "pagehide", this.keep);
    this.restore();
    sweepDrafts();
    this.showRun();
    this.showModel();
    if (!isForThumbs()) this.text.focus({ preventScroll: true });
    this.takeOver();
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
    this.pictures.disconnect();
    clearTimeout(this.keeping);
  }

  // Drafts ----------------------------------------------------------------------------------------

  get place() {
    return [this.shared.user.id, this.shared.conversation?.id ?? null];
  }

  restore() {
    const draft = draftOf(...this.place);
    // What was typed before this script came stays.
    if (!this.text.value) this.text.value = draft.text;
    this.pictures.restore(draft.images);
    this.typed();
  }

  keep() {
    clearTimeout(this.keeping);
    keepDraft(...this.place, { text: this.text.value, images: images(this.pictures.list) });
  }

  keepSoon() {
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => this.keep(), KEEP_DRAFT_MS);
  }

  /** What was typed while the conversation had no address yet moves along. */
  arrived() {
    keepDraft(this.shared.user.id, null, { text: "", images: [] });
    this.keep();
  }

  /** What comes back to be changed: an unsent message, or the question of a failed answer. */
  recall({ text, images: pictures }) {
    this.text.value = [this.text.value.trim(), text].filter(Boolean).join("\n\n");
    this.pictures.restore(pictures);
    this.typed();
    this.text.focus();
  }

  // Writing ---------------------------------------------------------------------------------------

  typed() {
    this.sendWhenReady = false;
    if (!GROWS_BY_ITSELF) {
      this.text.style.height = "auto";
      this.text.style.height = `${this.text.scrollHeight}px`;
    }
    this.complain("");
    this.showSend();
    this.keepSoon();
  }

  pressed(event) {
    if (event.key === "ArrowUp" && !this.text.value && !this.pictures.list.length) {
      event.preventDefault();
      return this.shared.tell("editlast");
    }
    if (!sends(event)) return;
    event.preventDefault();
    this.element.requestSubmit();
  }

  pressedAnywhere(event) {
    if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
    if (document.querySelector("dialog[open], :popover-open, .shelf[data-open]")) return;
    if (this.shared.run) this.stop();
  }

  submit(event) {
    event.preventDefault();
    this.sendWhenReady = false;
    const text = this.text.value;
    const list = images(this.pictures.list);
    const problem = this.problem(text);
    if (problem) return this.complain(problem);
    if (underway(this.pictures.list)) return this.wait();
    if (!text.trim() && !list.length) return;
    this.text.value = "";
    this.pictures.clear();
    this.typed();
    this.keep();
    this.shared.send({ text, images: list });
  }

  /** Sent already, but a picture is still on its way: it goes out by itself, unless one types on. */
  wait() {
    this.complain(words.uploadsRunning);
    this.sendWhenReady = true;
  }

  /** The pictures have changed. */
  pictured() {
    this.showModel();
    this.showSend();
    this.keepSoon();
    if (this.sendWhenReady && !underway(this.pictures.list)) this.element.requestSubmit();
  }

  /** Why this cannot be sent now. What is written stays. */
  problem(text) {
    const most = this.shared.limits.text_bytes;
    if (this.shared.run || this.shared.thread.pending.some((one) => one.state === "sending")) return words.stillAnswering;
    return !fits(text, most) ? words.tooLong(most) : "";
  }

  stop() {
    this.shared.halt();
  }

  start(_event, trigger) {
    this.text.value = trigger.dataset.text;
    this.typed();
    this.text.focus();
  }

  pick() {
    this.part("files").click();
  }

  // Showing ---------------------------------------------------------------------------------------

  complain(sentence) {
    const place = document.querySelector("[data-part=trouble]");
    if (place.hidden && !sentence) return;
    place.hidden = !sentence;
    place.querySelector("[data-part=sentence]").textContent = sentence;
  }

  showRun() {
    const { run } = this.shared;
    if (run && run.id === this.shownRun) return;
    if (!run && this.shownRun === null) return;
    const stopHadFocus = document.activeElement === this.part("stop");
    this.shownRun = run?.id ?? null;
    this.part("stop").hidden = !run;
    this.part("send").hidden = Boolean(run);
    if (!run) this.complain("");
    if (stopHadFocus && !run) this.text.focus();
  }

  showSend() {
    const something = this.text.value.trim() || this.pictures.list.length;
    this.part("send").disabled = !something;
  }

  showModel() {
    const model = this.shared.models.find((one) => one.id === this.shared.model);
    this.part("blind").hidden = !this.pictures.list.length || !model || model.vision;
    document.querySelector("[data-part=builtin]").hidden = !model?.builtin;
    document.querySelector("[data-part=care]").hidden = Boolean(model?.builtin);
  }
}
