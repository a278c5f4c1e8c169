import { Controller } from "../lib/controllers.js";
import { looking } from "../views/later.js";

/** Opens pictures side by side: those of a message, or those above the field. */
export class Comparing extends Controller {
  connect() {
    this.on(this.shared, "compare", ({ detail }) => this.open(detail));
  }

  disconnect() {
    super.disconnect();
    this.view?.remove();
  }

  message(_event, button) {
    const { message: id } = button.closest("[data-message]").dataset;
    const { messages, pending } = this.shared.thread;
    const { images } = [...messages, ...pending].find((one) => one.id === id);
    this.open({ pictures: images.map((image, nth) => ({ ...image, nth })), at: 0 });
  }

  async open(what) {
    try {
      const { Comparing: View } = await looking();
      this.view ??= new View();
    } catch {
      return window.open(what.pictures[what.at].url, "_blank", "noopener"); // what shows them did not come
    }
    if (!this.view.element.open) this.view.open(what);
  }
}
