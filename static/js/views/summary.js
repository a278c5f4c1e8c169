// Where the earlier part ends that models read a summary of, and what it says.
import { hide } from "../lib/changes.js";
import { Markdown } from "./markdown.js";

export class Summary {
  constructor(part) {
    this.element = part("summary");
    this.place = part("summary-text");
  }

  /** Most messages have none, and get by without what it takes to show one. */
  show({ id, summary }) {
    hide(this.element, !summary);
    if (!summary) return;
    this.text ??= new Markdown(this.place);
    this.text.show(summary.text, { growing: false, scope: `${id}-summary` });
  }
}
