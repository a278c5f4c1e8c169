// A text that grows at its end, as Markdown: the one renderer, also of what is finished.
import { Blocks } from "../lib/markdown/blocks.js";
import { BlockView } from "./block.js";
import { notesSection } from "./notes.js";

/** `scope` tells the footnotes of this text from those of others on the page. */
export class Growing {
  constructor(body, { scope = "text" } = {}) {
    this.body = body;
    this.scope = scope;
    this.begin();
  }

  begin() {
    this.body.replaceChildren();
    this.seen = 0; // UTF-16 units of the text that we were given
    this.blocks = new Blocks();
    this.waiting = new Map(); // label → texts that will look different once it is defined
    this.view = new BlockView(this.blocks.root, this.environment());
  }

  environment() {
    const { body, blocks, scope, waiting } = this;
    return {
      body,
      parts: [],
      scope,
      links: blocks.links,
      notes: blocks.notes,
      waitFor: (label, text) => waiting.set(label, (waiting.get(label) ?? new Set()).add(text)),
      notesPlace() {
        if (!this.notesSection?.isConnected && this.notesSection?.parentNode !== body) {
          this.notesSection = notesSection();
          body.append(this.notesSection);
        }
        return this.notesSection.firstElementChild;
      },
    };
  }

  /** What has been laid out once and is out of sight is left alone from then on (prose.css). */
  spare() {
    if (this.spared) return;
    this.spared = requestAnimationFrame(() => this.body.toggleAttribute("data-growing", true));
  }

  /** Show `text`, which begins with all that was shown before. */
  grow(text) {
    if (text.length < this.seen) this.begin();
    this.blocks.write(text.slice(this.seen));
    this.seen = text.length;
    this.draw();
    this.setCaret(this.view.end);
    this.spare();
  }

  /** No more will come. */
  end(text) {
    if (text.length < this.seen) this.begin();
    this.blocks.write(text.slice(this.seen));
    this.blocks.end();
    this.draw();
    this.setCaret(null);
    cancelAnimationFrame(this.spared);
    this.body.removeAttribute("data-growing");
  }

  draw() {
    this.view.update(this.blocks.root);
    for (const label of this.blocks.defined.splice(0)) this.define(label);
  }

  /** An attribute, not an element: nothing is put into what grows and taken out again in every frame. */
  setCaret(place) {
    if (place === this.written) return;
    this.written?.removeAttribute("data-caret");
    place?.setAttribute("data-caret", "");
    this.written = place;
  }

  define(label) {
    for (const text of this.waiting.get(label) ?? []) text.again();
    this.waiting.delete(label);
  }
}
