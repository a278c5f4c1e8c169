import { Controller } from "../lib/controllers.js";
import { toField } from "../lib/fields.js";
import { pictureAt } from "../live/linked.js";
import { addressIn, without } from "../state/linked.js";

/** Asks for the address of a picture, which comes into the tray then. Who pastes one alone is offered that. */
export class Linked extends Controller {
  connect() {
    this.field = this.part("address");
    this.text = document.querySelector("#message");
    this.offer = document.querySelector("#link-offer");
    this.offered = "";
    this.on(this.text, "paste", this.pasted);
    this.on(this.text, "input", () => this.text.value.includes(this.offered) || this.offerFor(""));
    this.on(this.text.form, "submit", () => this.offerFor(""));
    this.on(this.element, "submit", this.submitted);
    this.on(this.element, "close", this.closed);
  }

  disconnect() {
    super.disconnect();
    this.control?.abort();
  }

  pasted({ clipboardData }) {
    this.offerFor(clipboardData.files.length ? "" : addressIn(clipboardData.getData("text/plain")));
  }

  offerFor(address) {
    this.offered = address;
    this.offer.hidden = !address;
  }

  open() {
    this.begin("");
  }

  /** What was offered, at once. */
  take() {
    this.begin(this.offered);
    this.fetch(this.offered);
  }

  begin(address) {
    this.field.value = address;
    this.complain("");
    this.element.showModal();
  }

  submitted(event) {
    event.preventDefault();
    const address = this.field.value.trim();
    if (address) this.fetch(address);
    else this.field.focus();
  }

  async fetch(address) {
    this.complain("");
    this.busy(true);
    this.control = new AbortController();
    const { signal } = this.control;
    try {
      this.arrived(await pictureAt(address, signal), address);
    } catch (error) {
      if (!signal.aborted) this.complain(error.message);
    } finally {
      if (!signal.aborted) this.busy(false);
    }
  }

  arrived(image, address) {
    this.element.close();
    this.shared.tell("usepicture", image);
    if (address !== this.offered) return;
    this.text.value = without(this.text.value, address);
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  busy(is) {
    this.element.toggleAttribute("data-busy", is);
    this.part("coming").hidden = !is;
    this.part("fetch").disabled = is;
    this.field.readOnly = is;
  }

  complain(sentence) {
    const wrong = this.part("wrong");
    wrong.textContent = sentence;
    wrong.hidden = !sentence;
    this.field.setAttribute("aria-invalid", String(Boolean(sentence)));
    if (sentence) this.field.focus();
  }

  cancel() {
    this.element.close();
  }

  /** What is still on its way is not wanted any more. */
  closed() {
    this.control?.abort();
    this.busy(false);
    toField();
  }
}
