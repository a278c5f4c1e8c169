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
    const answer = await ask(dialog);
    if (!answer) return;
    const { rating = null, reasons = [], comment = "" } = feedback ?? {};
    const report = { reason: form.elements.reason.value, comment: form.elements.comment.value.trim() };
    const opinion = { rating, reasons, comment, report: answer === "yes" ? report : null };
    if (await judge(this.shared, id, opinion)) this.shared.tell("said", answer === "yes" ? words.reported : words.withdrawn);
  }

  async remove() {
    const { id } = this.message;
    if ((await ask(document.getElementById("prune"))) !== "yes") return;
    await prune(this.shared, id);
    this.shared.tell("said", words.messageDeleted);
  }
}
