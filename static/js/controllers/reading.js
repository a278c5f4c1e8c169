import { Controller } from "../lib/controllers.js";
import { prose } from "../views/prose.js";

/** Finished texts that the server wrote as they are, set as Markdown. */
export class Reading extends Controller {
  connect() {
    this.element.querySelectorAll("[data-markdown][data-raw]").forEach((body, number) => {
      body.replaceChildren(prose(body.textContent, `text-${number}`));
      delete body.dataset.raw;
    });
  }
}
