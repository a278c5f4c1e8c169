// The blocks of a Markdown text that grows at its end: paragraphs, lists, tables, code. CommonMark's own
// way of reading, line by line: a new line concerns only the blocks that are still open, so a line costs
// the same whatever stands before it, and how the text was cut can make no difference.
//
// A block is {type, parent, children, closed, …}. The last line, as long as it has no end, is a guess:
// `write` takes it back before it reads on.
import { definitions } from "./definitions.js";
import { guessable } from "./guess.js";
import { Line } from "./line.js";
import { STARTS, takeQuote } from "./starts.js";
import { cellsOf, fitted } from "./table.js";

const LEAVES = new Set(["paragraph", "heading", "code", "formula", "html", "rule", "table", "row"]);
const VERBATIM = new Set(["code", "formula", "html"]); // nothing in them begins another block

export class Blocks {
  constructor() {
    this.root = { type: "root", parent: null, children: [], closed: false };
    this.tip = this.root;
    this.links = Object.create(null); // label → {href, title}
    this.notes = new Map(); // label of a footnote → its number
    this.defined = []; // labels since somebody looked
    this.line = "";
    this.kept = null;
  }

  /** More of the text. Whole lines are read for good. */
  write(piece) {
    this.takeBack();
    const lines = (this.line + piece.replaceAll("\r", "")).split("\n"); // a carriage return says nothing
    this.line = lines.pop();
    for (const line of lines) this.read(line);
    for (const block of this.spine()) block.sure = block.children?.length; // all but the last of these stay
    if (guessable(this.line, this.tip)) this.guess();
  }

  end() {
    this.takeBack();
    if (this.line) this.read(this.line);
    this.line = "";
    this.closeUpTo(null);
  }

  // A guess and its end ----------------------------------------------------------------------------

  guess() {
    const held = (block) => ({ block, was: { ...block }, count: block.children?.length, last: last(block) });
    this.kept = { tip: this.tip, blocks: this.spine().map(held) };
    this.read(this.line);
  }

  takeBack() {
    if (!this.kept) return;
    for (const { block, was, count, last } of this.kept.blocks) {
      Object.assign(block, was);
      if (!count && !block.children) continue;
      block.children.length = count;
      if (count) block.children[count - 1] = last;
    }
    this.tip = this.kept.tip;
    this.kept = null;
  }

  get depth() {
    return this.container.depth ?? 0;
  }

  /** The open blocks, outermost first. */
  spine() {
    const found = [];
    for (let block = this.tip; block; block = block.parent) found.unshift(block);
    return found;
  }

  // One line ---------------------------------------------------------------------------------------

  read(text) {
    const line = new Line(text);
    const matched = this.matched(line);
    if (!matched) return; // it was the end of a block, and nothing else
    this.unmatched = matched !== this.tip;
    this.mayBeLazy = this.tip.type === "paragraph";
    this.container = matched;
    const opened = this.begin(line);
    if (opened?.closed) return this.noGap();
    this.add(line);
  }

  /** The innermost open block that this line goes on with. */
  matched(line) {
    let block = this.root;
    this.quoted = this.root; // below it a blank line is one
    for (let child = last(block); child && !child.closed; child = last(block)) {
      const goesOn = CONTINUES[child.type](line, child, this);
      if (goesOn === null) return null;
      if (!goesOn) break;
      block = child;
      if (child.type === "quote") this.quoted = child;
    }
    return block;
  }

  /** Open what the line begins, one in the other. */
  begin(line) {
    let opened = null;
    while (!VERBATIM.has(this.container.type)) {
      const next = this.firstStart(line);
      if (!next) break;
      opened = next;
      this.container = next;
      this.mayBeLazy = false;
      if (LEAVES.has(next.type)) break;
    }
    return opened;
  }

  firstStart(line) {
    for (const start of STARTS) {
      const opened = start(line, this, this.container);
      if (opened) return opened;
    }
    return null;
  }

  add(line) {
    const { container } = this;
    if (this.unmatched && !line.isBlank && this.tip.type === "paragraph") return this.addTo(this.tip, line); // lazy
    this.closeUnmatched();
    if (ADD[container.type]) this.addTo(container, line);
    else if (!line.isBlank) {
      this.leaf("paragraph", { text: line.rest });
      this.noGap();
    } else this.markGap();
  }

  addTo(block, line) {
    ADD[block.type](block, line, this);
    if (!line.isBlank) this.noGap();
  }

  // Opening and closing ----------------------------------------------------------------------------

  closeUnmatched() {
    if (this.unmatched) this.closeUpTo(this.container);
    this.unmatched = false;
  }

  /** Close what is open inside of `block` (null: all). */
  closeUpTo(block) {
    while (this.tip !== block && this.tip) {
      const { tip } = this;
      this.tip = tip.parent;
      close(tip, this);
      if (!tip.parent) {
        this.tip = tip;
        return;
      }
    }
  }

  open(type, rest = {}) {
    this.closeUnmatched();
    if (this.tip.type !== "list" && type === "item") throw new Error("an item outside of a list");
    while (!CONTAINS(this.tip, type)) this.closeUpTo(this.tip.parent);
    return this.append({ type, parent: this.tip, children: [], closed: false, depth: (this.tip.depth ?? 0) + 1, ...rest });
  }

  leaf(type, rest) {
    this.closeUnmatched();
    while (!CONTAINS(this.tip, type)) this.closeUpTo(this.tip.parent);
    return this.append({ type, parent: this.tip, closed: false, ...rest });
  }

  append(block) {
    this.loosen(block.parent);
    block.parent.children.push(block);
    this.tip = block;
    return block;
  }

  /** A leaf that has no other line. */
  whole(type, rest) {
    const block = this.leaf(type, rest);
    this.closeUpTo(block.parent);
    return block;
  }

  openItem(list, width, task) {
    this.closeUnmatched();
    if (LEAVES.has(this.tip.type)) this.closeUpTo(this.tip.parent);
    const same = this.tip.type === "list" && this.tip.kind === list.kind;
    if (!same) this.open("list", { ...list, loose: false });
    return this.open("item", { width, task, gap: false });
  }

  /** Footnotes are numbered as they are defined, so that no number ever changes. */
  openNote(label) {
    const note = this.open("note", { label, number: this.notes.size + 1 });
    if (!this.kept) {
      this.notes.set(label, note.number);
      this.defined.push(`^${label}`);
    }
    return note;
  }

  // What a paragraph turns out to be ----------------------------------------------------------------

  underlined(paragraph, level) {
    const text = this.define(paragraph.text);
    if (!text) return null;
    this.closeUnmatched();
    Object.assign(paragraph, { type: "heading", level, text: text.trim() });
    this.closeUpTo(paragraph.parent);
    return paragraph;
  }

  /** The last line of the paragraph is the head of a table; lines before it stay a paragraph. */
  tabled(paragraph, at, head, align) {
    this.closeUnmatched();
    const { parent } = paragraph;
    if (at) {
      paragraph.text = paragraph.text.slice(0, at - 1);
      this.closeUpTo(parent);
    } else {
      parent.children.pop();
      this.tip = parent;
    }
    const table = this.append({ type: "table", parent, closed: false, align, head, children: [] });
    this.headed = table;
    return table;
  }

  /** Take the definitions from the beginning of a paragraph. */
  define(text) {
    const { found, rest } = definitions(text);
    if (this.kept) return rest;
    for (const { label, href, title } of found) {
      if (label in this.links) continue;
      this.links[label] = { href, title };
      this.defined.push(label);
    }
    return rest;
  }

  // Lists with room between their items -------------------------------------------------------------

  loosen(parent) {
    if (parent.type === "list" && last(parent)?.gap) parent.loose = true;
    if (parent.type === "item" && parent.gap && parent.children.length) parent.parent.loose = true;
  }

  markGap() {
    for (let block = this.container; block && block !== this.quoted; block = block.parent) {
      const { type, children } = block;
      if (type === "item" && children.length) block.gap = true;
      if (type === "list" && children.length) last(block).gap = true;
    }
  }

  noGap() {
    for (let block = this.tip; block; block = block.parent) if (block.gap) block.gap = false;
  }
}

function last(block) {
  return block.children?.[block.children.length - 1];
}

function CONTAINS(block, type) {
  if (block.type === "list") return type === "item";
  return !LEAVES.has(block.type) && type !== "item";
}

/** Whether a line goes on with an open block. null: it was its end. */
const CONTINUES = {
  quote(line) {
    if (line.isIndented || line.rest[0] !== ">") return false;
    takeQuote(line);
    return true;
  },
  list: () => true,
  item(line, block) {
    if (line.isBlank) {
      if (!block.children.length) return false;
      line.skipIndent();
      return true;
    }
    if (line.indent < block.width) return false;
    line.takeColumns(block.width);
    return true;
  },
  note(line) {
    if (line.isBlank) return true;
    if (line.indent < 4) return false;
    line.takeColumns(4);
    return true;
  },
  paragraph: (line) => !line.isBlank,
  table: (line) => !line.isBlank,
  heading: () => false,
  rule: () => false,
  code(line, block, blocks) {
    if (!block.fence) return continuesIndented(line);
    if (!line.isIndented && isFence(line.rest, block.fence)) {
      blocks.tip = block; // whatever is open inside: nothing is
      blocks.closeUpTo(block.parent);
      blocks.noGap();
      return null;
    }
    line.takeColumns(Math.min(block.indent, line.indent));
    return true;
  },
  formula: (line) => !line.isBlank,
  html: (line, block) => block.end !== null || !line.isBlank,
};

function continuesIndented(line) {
  if (line.isIndented) line.takeColumns(4);
  else if (line.isBlank) line.skipIndent();
  else return false;
  return true;
}

function isFence(rest, fence) {
  const found = /^(`{3,}|~{3,})[ \t]*$/.exec(rest);
  return found !== null && found[1][0] === fence[0] && found[1].length >= fence.length;
}

/** A line, or what is left of it, becomes part of a leaf. */
const ADD = {
  paragraph(block, line) {
    block.text += `\n${line.rest}`;
  },
  code(block, line) {
    if (block.fence && !block.begun) block.begun = true; // the line of the opening fence itself
    else block.text += `${line.remainder}\n`;
  },
  formula(block, line, blocks) {
    if (!block.begun) {
      block.begun = true;
      return;
    }
    block.source += `\n${line.rest}`;
    const body = line.rest.trimEnd();
    const end = body.indexOf(block.closing);
    if (end >= 0 && end < body.length - 2) return unmask(block);
    block.text += `\n${end < 0 ? body : body.slice(0, -2)}`;
    if (end >= 0) {
      block.ended = true;
      blocks.closeUpTo(block.parent);
    }
  },
  html(block, line, blocks) {
    block.text += `${line.remainder}\n`;
    if (block.end?.test(line.remainder)) blocks.closeUpTo(block.parent);
  },
  table(block, line, blocks) {
    if (blocks.headed === block) {
      blocks.headed = null; // the line of its delimiters
      return;
    }
    const cells = fitted(cellsOf(line.rest), block.align.length);
    block.children.push({ type: "row", parent: block, closed: true, final: !blocks.kept, cells });
  },
};

/** It looked like a formula and is none. */
function unmask(block) {
  Object.assign(block, { type: "paragraph", text: block.source });
}

function close(block, blocks) {
  if (block.type === "formula" && block.closing && !block.ended) unmask(block);
  if (block.type === "paragraph") closeParagraph(block, blocks);
  if (block.type === "code" && !block.fence) block.text = `${block.text.trimEnd()}\n`;
  if (block.type === "html") block.text = block.text.trimEnd();
  block.closed = true;
  block.final = !blocks.kept;
}

function closeParagraph(block, blocks) {
  block.text = blocks.define(block.text).trimEnd();
  if (block.text) return;
  const { children } = block.parent;
  children.splice(children.lastIndexOf(block), 1);
}
