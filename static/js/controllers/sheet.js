import { Controller } from "../lib/controllers.js";
import { keepStart, startOf } from "../lib/start.js";
import { USUAL, fieldsOf, isUsual, setupOf } from "../state/setup.js";

/** This conversation: what the model reads before it, and how it answers. */
export class Sheet extends Controller {
  connect() {
    this.form = this.element.querySelector("form");
    this.on(this.form, "submit", this.submitted);
    this.on(this.form, "input", this.warn);
    this.on(this.shared, "thread model", this.mark);
    this.mark();
  }

  /** A conversation that does not exist yet keeps it until its first message. */
  get setup() {
    const { conversation, user } = this.shared;
    return conversation ?? startOf(user.id) ?? USUAL;
  }

  open() {
    this.fill(this.setup);
    this.fit();
    this.complain("");
    this.element.showModal();
  }

  fill(setup) {
    for (const [name, value] of Object.entries(fieldsOf(setup))) this.form.elements[name].value = value;
    this.warn();
  }

  reset() {
    this.fill(USUAL);
  }

  cancel() {
    this.element.close();
  }

  /** A model that thinks first refuses what samples, and only it can be told how long to think. */
  fit() {
    const model = this.shared.models.find((one) => one.id === this.shared.model);
    this.part("sampling").hidden = Boolean(model?.reasons);
    this.part("thinking").hidden = !model?.reasons;
    this.part("model").textContent = [model?.name, model?.hint].filter(Boolean).join(" · ");
    this.form.elements.max_output_tokens.max = model?.max_output_tokens ?? "";
  }

  warn() {
    const { temperature, top_p: topP } = this.form.elements;
    this.part("both").hidden = !temperature.value || !topP.value;
  }

  complain(sentence) {
    this.part("wrong").textContent = sentence;
    this.part("wrong").hidden = !sentence;
  }

  async submitted(event) {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(this.form));
    try {
      await this.keep(setupOf(fields, this.setup));
      this.element.close();
    } catch (error) {
      this.complain(Object.values(error.fields ?? {}).flat().join(" ") || error.message);
    }
  }

  async keep(setup) {
    const { conversation, user } = this.shared;
    if (conversation) await this.shared.change(conversation.id, setup);
    else keepStart(user.id, isUsual(setup) ? null : setup);
    this.mark();
  }

  /** The button tells whether there is something of the conversation's own behind it. */
  mark() {
    const button = document.querySelector("[data-part=setup]");
    button.toggleAttribute("data-own", !isUsual(this.setup));
  }
}
