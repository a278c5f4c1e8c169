import { Controller } from "../lib/controllers.js";

/** Which model answers. The list is the browser's own; what each can and costs stands beside its name, or,
    where the browser does not let us, in its title. */
export class Picker extends Controller {
  connect() {
    this.select = this.part("model");
    this.gone = document.querySelector("[data-part=gone]");
    this.on(this.select, "change", () => this.shared.choose(this.select.value));
    this.on(this.shared, "model", this.show);
    this.on(this.shared, "thread", this.settle);
    this.show();
  }

  show() {
    this.select.value = this.shared.model;
    this.select.title = this.select.selectedOptions[0]?.dataset.hint ?? "";
  }

  /** The conversation has a model again that is there. */
  settle() {
    const { conversation, models } = this.shared;
    if (!this.gone.hidden) this.gone.hidden = models.some((one) => one.id === conversation?.model);
  }
}
