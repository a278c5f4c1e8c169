// A block of code, which only ever gets what is new. Once it is whole it gets its colours, or is drawn.
import { copy } from "../lib/copy.js";
import { fromTemplate } from "../lib/templates.js";
import { drawn } from "./diagram.js";
import { colour } from "./highlight.js";

const LINES = 64; // of a part
const DRAWN = new Set(["mermaid"]);

export class CodeBlock {
  constructor({ info }) {
    this.language = info.toLowerCase();
    this.element = fromTemplate("code-block");
    this.element.querySelector("[data-part=language]").textContent = info;
    this.code = this.element.querySelector("code");
    this.caretPlace = this.code.parentNode;
    this.begin();
  }

  begin() {
    this.shown = ""; // what stands there
    this.whole = 0; // characters of it in parts that have all their lines
    this.last = document.createTextNode("");
    this.code.replaceChildren(this.last);
  }

  show(text) {
    const wanted = text.replace(/\n$/, "");
    if (!wanted.startsWith(this.shown.slice(0, this.whole))) this.begin();
    this.shown = wanted;
    let rest = wanted.slice(this.whole);
    for (let end; (end = firstLines(rest)); rest = rest.slice(end)) this.close(rest.slice(0, end));
    write(this.last, rest);
  }

  /** So many lines are whole: a browser that lays out what comes next need not look at them again. */
  close(lines) {
    write(this.last, lines);
    const part = document.createElement("span");
    part.className = "lines";
    this.last.replaceWith(part);
    part.append(this.last);
    this.last = this.code.appendChild(document.createTextNode(""));
    this.whole += lines.length;
  }

  finish() {
    if (DRAWN.has(this.language)) drawn(this.element, this.shown);
    else if (this.language) colour(this.code, this.language);
  }
}

/** Where the first part of a long text ends; 0 while it is not long. */
function firstLines(text) {
  let end = 0;
  for (let line = 0; line < LINES; line += 1) {
    end = text.indexOf("\n", end) + 1;
    if (!end) return 0;
  }
  return end < text.length ? end : 0;
}

function write(node, text) {
  if (text === node.data) return;
  if (text.startsWith(node.data)) node.appendData(text.slice(node.length));
  else node.data = text;
}

// Wherever Markdown is shown, whatever else lives there.
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.(".code > header [data-part=copy]");
  if (button) copy(button.closest(".code").querySelector("code").textContent, button);
});
