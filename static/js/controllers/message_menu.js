import { Controller } from "../lib/controllers.js";
import { ask } from "../lib/dialog.js";
import { words } from "../lib/words.js";
import { judge, prune } from "../live/judging.js";
import { messageOf } from "../state/thread.js";
import { quote } from "../views/quote.js";

/** What else one can do with a message. The menu knows by which one it was opened (menu.js). */
export class MessageMenu extends Controller {
  connect() {
    this.on(this.element, "beforetoggle", this.opening);
  }

  get message() {
    return messageOf(this.shared.thread, this.element.dataset.message);
  }

  opening({ newState }) {
    if (newState === "open") this.part("report").hidden = this.message?.role !== "assistant";
  }

  quote() {
    quote(this.message.text);
  }

  async report() {
    const { id, feedback } = this.message;
    const dialog = document.getElementById("report");
    const form = dialog.querySelector("form");
    form.reset();
    if (feedback?.report) form.elements.reason.value = feedback.report.reason;
    form.elements.comment.value = feedback?.report?.comment ?? "";
    dialog.querySelector("[data-part=withdraw]").hidden = !feedback?.report;
    // Should it not arrive, it is asked again with what was written still in it.
    for (let answer; (answer = await ask(dialog)); ) if (await this.sendReport(id, feedback, answer === "yes" ? form : null)) return;
  }

  /** Whether it arrived. Without a form the report is withdrawn. */
  async sendReport(id, feedback, form) {
    const { rating = null, reasons = [], comment = "" } = feedback ?? {};
    const report = form && { reason: form.elements.reason.value, comment: form.elements.comment.value.trim() };
    const isDone = await judge(this.shared, id, { rating, reasons, comment, report });
    if (isDone) this.shared.tell("said", form ? words.reported : words.withdrawn);
    return isDone;
  }

  async remove() {
    const { id } = this.message;
    if ((await ask(document.getElementById("prune"))) !== "yes") return;
    await prune(this.shared, id);
    this.shared.tell("said", words.messageDeleted);
  }
}
