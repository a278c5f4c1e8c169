import { hide, say } from "../lib/changes.js";
import { Controller } from "../lib/controllers.js";
import { toField } from "../lib/fields.js";
import { words } from "../lib/asking_words.js";
import { seeingInstead } from "../state/asking.js";

/** Says that the chosen model does not see the pictures above the field, and offers one that does. */
export class Eyes extends Controller {
  connect() {
    this.on(this.shared, "attached model", this.show);
    this.show();
  }

  get instead() {
    return seeingInstead(this.shared.models, this.shared.model);
  }

  show() {
    const { models, model, pictures } = this.shared;
    const chosen = models.find(({ id }) => id === model);
    const isBlind = Boolean(pictures.length && chosen && !chosen.vision);
    hide(this.element, !isBlind);
    if (!isBlind) return;
    const { instead } = this;
    say(this.part("sentence"), words.blind(chosen.name, "reads" in this.element.dataset));
    hide(this.part("instead"), !instead);
    if (instead) say(this.part("instead"), words.use(instead.name));
  }

  /** For this conversation, as if it had been chosen above. */
  async use() {
    await this.shared.choose(this.instead.id);
    toField();
  }
}
