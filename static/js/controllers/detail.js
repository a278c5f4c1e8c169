import { hide, say } from "../lib/changes.js";
import { Controller } from "../lib/controllers.js";
import { words } from "../lib/words.js";
import { api } from "../live/api.js";
import { keepSetup, setupOfThis } from "../live/setup.js";
import { detailOf, withDetail } from "../state/setup.js";

/** How closely the model looks at the pictures that are about to be sent, with what each way takes. */
export class Detail extends Controller {
  connect() {
    this.select = this.element.querySelector("select");
    this.asked = this.takes = null;
    this.on(this.shared, "attached model thread", this.changed);
    this.on(this.select, "change", this.chosen);
    this.on(this.select, "focus", this.again);
    this.changed();
  }

  /** Told with every token of an answer, and asks when the pictures or the model are others. */
  changed() {
    const { models, model, pictures } = this.shared;
    const sees = models.find((one) => one.id === model)?.vision;
    const ids = sees ? pictures.map((image) => image.id) : [];
    hide(this.element, !ids.length);
    const now = ids.length ? JSON.stringify([model, ids]) : null;
    if (now !== this.asked) this.ask(now, model, ids);
    if (this.value !== detailOf(setupOfThis(this.shared))) this.show();
  }

  /** What it takes did not come: whoever is about to choose wants to know. */
  again() {
    if (this.hasFailed) this.asked = null;
    this.changed();
  }

  async ask(now, model, ids) {
    this.asked = now;
    this.hasFailed = false;
    this.takes = null;
    this.show();
    if (!now) return;
    try {
      const query = new URLSearchParams([["model", model], ...ids.map((id) => ["image", id])]);
      const takes = await api.get(`images/tokens?${query}`);
      if (this.asked === now) this.takes = takes;
    } catch {
      this.hasFailed ||= this.asked === now; // not asked with every token again; they can be sent without it
    }
    this.show();
  }

  show() {
    this.value = detailOf(setupOfThis(this.shared));
    for (const option of this.select.options) say(option, words.detail(option.dataset.name, this.takes?.[option.value]));
    this.select.value = this.value;
    this.shared.tell("reckoned", this.takes?.[this.value]);
  }

  /** It stays so for this conversation. */
  async chosen() {
    try {
      await keepSetup(this.shared, withDetail(setupOfThis(this.shared), this.select.value));
    } catch (error) {
      this.shared.tell("trouble", error.message);
    }
    this.show();
  }
}
