import { Growing } from "./growing.js";
import { prose } from "./prose.js";

/** A place with a text that may grow, and may be finished from the start. */
export class Markdown {
  constructor(place) {
    this.place = place;
    this.shown = null;
  }

  show(text, { growing, scope }) {
    if (growing) this.grow(text, scope);
    else if (this.growing) this.end(text);
    else if (text !== this.shown) this.set(text, scope);
    this.shown = text;
  }

  grow(text, scope) {
    this.growing ??= new Growing(this.place, { scope });
    delete this.place.dataset.raw;
    this.growing.grow(text);
  }

  end(text) {
    this.growing.end(text);
    this.growing = null;
  }

  set(text, scope) {
    this.place.replaceChildren(prose(text, scope));
    delete this.place.dataset.raw;
  }
}
