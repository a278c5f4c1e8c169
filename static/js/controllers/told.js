import { Controller } from "../lib/controllers.js";

/** The note that staff can review conversations, until it has been read once. */
export class Told extends Controller {
  connect() {
    this.on(this.element, "submit", this.agree);
  }

  async agree(event) {
    event.preventDefault();
    const form = event.target;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
      if (answer.type === "opaqueredirect" || answer.ok) this.element.hidden = true;
    } catch {
      // The note stays, and can be answered when the line is back.
    }
  }
}
