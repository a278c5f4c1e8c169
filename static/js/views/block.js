// A block of lib/markdown/blocks.js as elements. What is final is never touched again; of a block that
// grows only the children are looked at that the last line may have changed.
import { words } from "../lib/words.js";
import { CodeBlock } from "./code.js";
import { formulaBlock } from "./formula.js";
import { InlineText } from "./inline.js";
import { noteElement } from "./notes.js";

function element(tag, className) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  return made;
}

/** Its numbers, its bar and its columns stand where its first word begins: on the right in Arabic. */
function directed(tag) {
  const made = element(tag);
  made.dir = "auto";
  return made;
}

const PART = 16;

/** What can take which place: another block of the same key goes on in the same element. */
function keyOf({ type, level, ordered, start, info, fence, task, label, align }) {
  return [type, level, ordered, start, info, Boolean(fence), task, label, align].join();
}

export class BlockView {
  constructor(block, env) {
    this.key = keyOf(block);
    this.env = env;
    this.children = [];
    this.from = 0;
    MAKE[block.type](this, block, env);
    this.inside ??= this.element;
  }

  update(block) {
    if (this.final) return;
    this.show?.(block);
    if (block.children) this.updateChildren(block);
    this.final = block.final;
    if (block.final) this.finish?.(block);
  }

  updateChildren({ children, sure }) {
    for (let at = this.from; at < children.length; at += 1) {
      const child = children[at];
      if (this.children[at]?.key !== keyOf(child)) {
        this.cut(at);
        this.add(new BlockView(child, this.env));
      }
      this.children[at].update(child);
    }
    this.cut(children.length);
    this.from = Math.max(0, (sure ?? 0) - 1);
  }

  add(view) {
    this.children.push(view);
    if (view.isNote) this.env.notesPlace().append(view.element);
    else if (this.inside === this.env.body) this.partOf(this.children.length - 1).append(view.element);
    else this.inside.append(view.element);
  }

  /** The blocks of a text stand in parts of so many, so that a browser that lays out the last need not go
      through all of them. */
  partOf(number) {
    const { body, parts, notesSection } = this.env;
    const which = Math.floor(number / PART);
    parts[which] ??= element("div", "stretch");
    if (!parts[which].parentNode) body.insertBefore(parts[which], notesSection ?? null);
    return parts[which];
  }

  cut(count) {
    for (const { element } of this.children.splice(count)) {
      const place = element.parentNode;
      element.remove();
      if (place.className === "stretch" && !place.firstChild) place.remove();
    }
  }

  /** Where the caret stands while this is written. */
  get end() {
    const last = this.children.at(-1);
    return last ? last.end : (this.caretPlace ?? this.inside);
  }
}

function words_(view, place, env) {
  const line = new InlineText(place, env);
  view.show = ({ text, final }) => line.show(text, { open: !final });
}

function cells(row, tag, align, env) {
  return align.map((side) => {
    const cell = element(tag);
    if (side) cell.setAttribute("align", SIDES[side]);
    row.append(cell);
    return new InlineText(cell, env);
  });
}

const SIDES = { start: "left", center: "center", end: "right" };

const MAKE = {
  root(view, _block, { body }) {
    view.element = body;
  },
  paragraph(view, _block, env) {
    view.element = element("p");
    words_(view, view.element, env);
  },
  heading(view, { level }, env) {
    view.element = element(`h${level}`);
    words_(view, view.element, env);
  },
  quote(view) {
    view.element = directed("blockquote");
  },
  list(view, { ordered, start }) {
    view.element = directed(ordered ? "ol" : "ul");
    if (ordered && start !== 1) view.element.start = start;
    view.show = ({ loose }) => view.element.classList.toggle("loose", loose);
    view.element.className = "";
  },
  item(view, { task }) {
    view.element = element("li", task ? "task" : "");
    if (!task) return;
    const box = Object.assign(element("input"), { type: "checkbox", disabled: true });
    box.toggleAttribute("checked", task === "done");
    box.ariaLabel = task === "done" ? words.done : words.notDone;
    view.element.append(box);
  },
  note(view, block, env) {
    Object.assign(view, noteElement(block, env), { isNote: true });
  },
  rule(view) {
    view.element = element("hr");
  },
  code(view, block, env) {
    const code = new CodeBlock(block, env);
    view.element = code.element;
    view.caretPlace = code.caretPlace;
    view.show = ({ text }) => code.show(text);
    view.finish = () => code.finish();
  },
  formula(view, block, env) {
    Object.assign(view, formulaBlock(env));
  },
  html(view) {
    view.element = element("p", "typed");
    view.show = ({ text }) => {
      const said = text.trimEnd();
      if (view.element.textContent !== said) view.element.textContent = said;
    };
  },
  table(view, { align, head }, env) {
    view.element = element("div", "wide");
    view.element.tabIndex = 0; // who has no mouse scrolls it with the arrows
    const table = directed("table");
    const top = element("tr");
    table.append(element("thead"), element("tbody"));
    table.firstChild.append(top);
    view.element.append(table);
    view.inside = table.lastChild;
    cells(top, "th", align, env).forEach((cell, at) => cell.show(head[at]));
    view.align = align;
  },
  row(view, { parent }, env) {
    view.element = element("tr");
    const made = cells(view.element, "td", parent.align, env);
    view.show = ({ cells: said, final }) => made.forEach((cell, at) => cell.show(said[at], { open: !final }));
    view.caretPlace = made.findLast((_, at) => parent.children.at(-1)?.cells[at])?.place;
  },
};
