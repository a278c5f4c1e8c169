import { hide } from "../lib/changes.js";
import { Controller } from "../lib/controllers.js";
import { questions } from "../live/asking.js";
import { fitting } from "../state/asking.js";
import { offer, pressed } from "../views/asking.js";

/** Questions about the pictures above the field, as long as nothing is written there. A click sends one at once;
    with Shift, or while the pencil is pressed, it is put into the field to be changed. */
export class Asking extends Controller {
  connect() {
    this.text = document.getElementById("message");
    this.questions = [];
    this.on(this.shared, "attached written", this.look);
    this.on(this.part("list"), "click", this.ask);
    this.look();
  }

  get isWanted() {
    return this.shared.pictures.length > 0 && !this.text.value.trim();
  }

  async look() {
    if (this.isWanted && !this.known) {
      this.known = await questions();
      if (!this.known.length) this.known = null;
    }
    this.show(this.isWanted ? fitting(this.known ?? [], this.shared.pictures.length) : []);
  }

  show(fresh) {
    hide(this.element, !fresh.length);
    const ids = (all) => all.map(({ id }) => id).join();
    if (!fresh.length || ids(fresh) === ids(this.questions)) return;
    this.questions = fresh;
    offer(this.part("list"), fresh);
  }

  get isForChange() {
    return this.part("change").getAttribute("aria-pressed") === "true";
  }

  turn() {
    this.part("change").setAttribute("aria-pressed", String(!this.isForChange));
  }

  ask(event) {
    const question = pressed(event, this.questions);
    if (question) this.shared.tell("ask", { ...question, change: event.shiftKey || this.isForChange });
  }
}
