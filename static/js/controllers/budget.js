import { budgetWords } from "../lib/budget_words.js";
import { hide, say } from "../lib/changes.js";
import { Controller } from "../lib/controllers.js";
import { toField } from "../lib/fields.js";
import { whenIdle } from "../lib/idle.js";
import { kept } from "../lib/store.js";
import { api } from "../live/api.js";
import { leftOf, markOf, occasion, tightest } from "../state/budget.js";

const KEY = "budget put away";

/** A quiet line over the field: how little is left of a budget, and when it renews. */
export class Budget extends Controller {
  connect() {
    if (this.element.dataset.exist !== "yes") return;
    this.on(this.shared, "thread", this.changed);
    whenIdle(() => this.ask());
  }

  /** Told with every token of an answer; what is left has changed at its end, or was found not to be enough. */
  changed() {
    const now = occasion(this.shared.thread);
    if (!now || now === this.asked) return;
    this.asked = now;
    this.ask();
  }

  async ask() {
    try {
      this.show(tightest((await api.get("budgets")).items));
    } catch {
      // The next answer asks again; who has no room is told when they send.
    }
  }

  show(budget) {
    this.mark = budget && markOf(budget);
    const isShown = budget && kept.read(KEY) !== this.mark;
    hide(this.element, !isShown);
    if (isShown) say(this.part("said"), budgetWords(budget, leftOf(budget)));
  }

  putAway() {
    kept.write(KEY, this.mark);
    hide(this.element, true);
    toField();
  }
}
