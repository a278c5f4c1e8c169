// A text that grows at its end. Blocks that are done are set once and never touched again; only the
// live tail is drawn anew, and the inside of an open code block only gets what is new.
import { hasDefinitions, openFence, settled, tidy } from "../lib/markdown.js";
import { codeBlock, prose } from "./prose.js";

const HOLDS_CARET = new Set(["P", "UL", "OL", "LI", "BLOCKQUOTE", "H1", "H2", "H3", "H4", "H5", "H6"]);

export class Growing {
  constructor(body, caret) {
    this.body = body;
    this.caret = caret;
    this.begin();
  }

  begin() {
    this.body.replaceChildren();
    this.seen = 0; // UTF-16 units of the text that we were given
    this.source = ""; // the same, tidied
    this.done = 0; // units of the source that are set for good
    this.tail = [];
    this.fence = null;
  }

  /** Show `text`, which begins with all that was shown before. */
  grow(text) {
    if (text.length < this.seen) this.begin();
    const piece = tidy(text.slice(this.seen));
    this.seen = text.length;
    this.source += piece;
    if (this.fence && this.growFence()) return;
    if (piece.includes("\n")) this.settle();
    this.draw();
  }

  /** No more will come: set the tail as it is. */
  end(text) {
    this.grow(text);
    this.caret.remove();
    if (hasDefinitions(this.source)) this.body.replaceChildren(prose(this.source));
    else if (this.fence) this.replaceTail(prose(this.source.slice(this.done)));
    this.tail = [];
  }

  settle() {
    const length = settled(this.source.slice(this.done));
    if (!length) return;
    this.replaceTail(prose(this.source.slice(this.done, this.done + length)));
    this.tail = [];
    this.done += length;
  }

  draw() {
    const rest = this.source.slice(this.done);
    const fence = openFence(rest);
    if (fence && !fence.closed) return this.startFence(rest, fence);
    this.replaceTail(prose(rest));
    this.placeCaret();
  }

  replaceTail(fragment) {
    for (const node of this.tail) node.remove();
    this.caret.remove();
    this.tail = [...fragment.childNodes];
    this.body.append(fragment);
  }

  placeCaret() {
    let place = this.body;
    while (place.lastElementChild && HOLDS_CARET.has(place.lastElementChild.tagName)) place = place.lastElementChild;
    place.append(this.caret);
  }

  startFence(rest, { lang, start, fence }) {
    const { block, node } = codeBlock(lang, "");
    const holder = document.createDocumentFragment();
    holder.append(block);
    this.replaceTail(holder);
    this.fence = { node, fence, from: this.done + start, shown: 0, partial: 0 };
    node.parentNode.append(this.caret);
    this.growFence();
  }

  /** Add what is new to the open code block; false once its end has come. */
  growFence() {
    const { node, fence, from, shown } = this.fence;
    const fresh = this.source.slice(from + shown);
    const [whole, last] = atLastLine(fresh);
    if (isEnd(whole, fence)) {
      this.fence = null;
      return false;
    }
    // A last line that may become the closing fence waits until it is known.
    const ready = /^ {0,3}(?:`+|~+)?[ \t]*$/.test(last) ? whole : fresh;
    // Whole lines only are left behind, so that the start of a line is always looked at again.
    node.deleteData(node.length - this.fence.partial, this.fence.partial);
    node.appendData(ready);
    this.fence.partial = ready.length - whole.length;
    this.fence.shown = shown + whole.length;
    return true;
  }
}

function atLastLine(text) {
  const at = text.lastIndexOf("\n") + 1;
  return [text.slice(0, at), text.slice(at)];
}

function isEnd(lines, fence) {
  return new RegExp(`^ {0,3}${fence[0]}{${fence.length},}[ \\t]*$`, "m").test(lines);
}
