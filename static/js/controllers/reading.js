import { copy } from "../lib/copy.js";
import { Controller } from "../lib/controllers.js";
import { prose } from "../views/prose.js";

/** Finished answers that the server wrote as text, set as Markdown. */
export class Reading extends Controller {
  connect() {
    for (const body of this.element.querySelectorAll("[data-markdown][data-raw]")) {
      body.replaceChildren(prose(body.textContent));
      delete body.dataset.raw;
    }
  }

  copyCode(_event, trigger) {
    copy(trigger.closest(".code").querySelector("code").textContent, trigger);
  }
}
