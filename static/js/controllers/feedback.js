import { Controller } from "../lib/controllers.js";
import { putBeside } from "../lib/beside.js";
import { words } from "../lib/words.js";
import { judge } from "../live/judging.js";
import { messageOf } from "../state/thread.js";

/** A thumb counts at once; the small form beside it asks why, and need not be answered. */
export class Feedback extends Controller {
  connect() {
    this.form = this.element.querySelector("form");
    this.on(this.form, "submit", this.submit);
    this.on(this.element, "toggle", this.toggled);
  }

  up(_event, trigger) {
    this.thumb("up", trigger);
  }

  down(_event, trigger) {
    this.thumb("down", trigger);
  }

  /** The same thumb again takes it back. */
  async thumb(rating, trigger) {
    const id = trigger.closest("[data-message]").dataset.message;
    const { feedback } = messageOf(this.shared.thread, id);
    const report = reportOf(feedback);
    if (feedback?.rating === rating) {
      this.element.hidePopover();
      return judge(this.shared, id, { rating: null, report });
    }
    this.ask(id, rating, trigger);
    await judge(this.shared, id, { rating, report });
  }

  ask(id, rating, trigger) {
    this.message = id;
    this.opener = trigger;
    this.form.reset();
    this.form.dataset.rating = rating;
    for (const group of this.form.querySelectorAll("fieldset")) group.disabled = group.dataset.for !== rating;
    this.present();
    this.form.querySelector("fieldset:enabled input").focus();
  }

  present() {
    this.element.showPopover();
    putBeside(this.element, this.opener.getBoundingClientRect());
  }

  async submit(event) {
    event.preventDefault();
    const written = new FormData(this.form);
    const opinion = { rating: this.form.dataset.rating, reasons: written.getAll("reason"), comment: written.get("comment").trim() };
    const { message } = this;
    const { feedback } = messageOf(this.shared.thread, message) ?? {};
    this.element.hidePopover();
    if (await judge(this.shared, message, { ...opinion, report: reportOf(feedback) })) this.shared.tell("said", words.thanks);
    else if (message === this.message) this.present(); // what was written is not written twice
  }

  toggled({ newState }) {
    const inside = this.element.contains(document.activeElement) || document.activeElement === document.body;
    if (newState === "closed" && inside) this.opener?.focus({ preventScroll: true });
  }
}

/** A report as it is sent again with the thumb: what is absent would be taken back. */
function reportOf(feedback) {
  const report = feedback?.report;
  return report ? { reason: report.reason, comment: report.comment } : null;
}
