import { Controller } from "../lib/controllers.js";
import { words } from "../lib/words.js";
import { api } from "../live/api.js";
import { summarised } from "../state/summary.js";
import { messageOf } from "../state/thread.js";

/** A summary of the earlier part is undone where it stands; the other tabs follow. */
export class Summaries extends Controller {
  async undo(_event, trigger) {
    const { id, conversation, summary } = messageOf(this.shared.thread, trigger.closest("[data-message]").dataset.message);
    trigger.disabled = true;
    try {
      await api.delete(`conversations/${conversation}/summaries/${summary.id}`);
      this.undone(id);
    } catch (error) {
      if (error.code === "not_found") this.undone(id); // another tab was faster
      else this.shared.tell("trouble", error.message);
    } finally {
      trigger.disabled = false;
    }
  }

  undone(id) {
    this.shared.become(summarised(this.shared.thread, id, null));
    this.shared.tell("said", words.readInFull);
    this.element.focus({ preventScroll: true }); // the button goes
  }
}
