import { Controller } from "../lib/controllers.js";
import { keepSetup, setupOfThis } from "../live/setup.js";
import { USUAL, effortsOf, fieldsOf, isSeldom, isUsual, setupOf } from "../state/setup.js";

// What some models take and others do not.
const SELDOM = ["presence_penalty", "frequency_penalty", "stop", "seed"];
const FITTED = ["temperature", "top_p", "reasoning_effort", "verbosity", ...SELDOM];

/** This conversation: what the model reads before it, and how it answers. */
export class Sheet extends Controller {
  connect() {
    this.form = this.element.querySelector("form");
    this.button = document.querySelector("[data-part=setup]");
    this.on(this.form, "submit", this.submitted);
    this.on(this.form, "input", this.warn);
    this.on(this.shared, "thread model", this.mark);
    this.mark();
  }

  get setup() {
    return setupOfThis(this.shared);
  }

  open() {
    this.fit();
    this.fill(this.setup);
    this.complain("");
    this.part("more").open = isSeldom(this.setup);
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

  /** What the model does not take is not shown; what was chosen of it stays, for another model. */
  fit() {
    const model = this.shared.models.find((one) => one.id === this.shared.model);
    for (const name of FITTED) {
      this.form.elements[name].closest(".field").hidden = !model?.accepts.includes(name);
    }
    this.part("more").hidden = !SELDOM.some((name) => model?.accepts.includes(name));
    this.fitEfforts(model);
    this.part("model").textContent = [model?.name, model?.description, model?.hint].filter(Boolean).join(" · ");
    this.form.elements.max_output_tokens.max = model?.max_output_tokens ?? "";
  }

  /** Those that the model knows. */
  fitEfforts(model) {
    const select = this.form.elements.reasoning_effort;
    this.efforts ??= [...select.options];
    const chosen = fieldsOf(this.setup).reasoning_effort;
    const values = effortsOf(model, this.efforts.map((option) => option.value), chosen);
    select.replaceChildren(...this.efforts.filter((option) => values.includes(option.value)));
    select.value = chosen;
  }

  warn() {
    const { temperature, top_p: topP } = this.form.elements;
    const unseen = [temperature, topP].some((field) => field.closest(".field").hidden);
    this.part("both").hidden = unseen || !temperature.value || !topP.value;
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
    await keepSetup(this.shared, setup);
    this.mark();
  }

  /** The button tells whether there is something of the conversation's own behind it. */
  mark() {
    this.button.toggleAttribute("data-own", !isUsual(this.setup));
  }
}
