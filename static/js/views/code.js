// A block of code, which only ever gets what is new. Once it is whole it gets its colours, or is drawn.
import { copy } from "../lib/copy.js";
import { fromTemplate } from "../lib/templates.js";
import { drawn } from "./diagram.js";
import { colour } from "./highlight.js";

const DRAWN = new Set(["mermaid"]);

export class CodeBlock {
  constructor({ info }) {
    this.language = info.toLowerCase();
    this.element = fromTemplate("code-block");
    this.element.querySelector("[data-part=language]").textContent = info;
    this.code = this.element.querySelector("code");
    this.node = this.code.appendChild(document.createTextNode(""));
    this.caretPlace = this.code.parentNode;
  }

  show(text) {
    const wanted = text.replace(/\n$/, "");
    const { node } = this;
    if (wanted === node.data) return;
    if (wanted.startsWith(node.data)) node.appendData(wanted.slice(node.length));
    else node.data = wanted;
  }

  finish() {
    if (DRAWN.has(this.language)) drawn(this.element, this.node.data);
    else if (this.language) colour(this.code, this.language);
  }
}

// Wherever Markdown is shown, whatever else lives there.
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.(".code > header [data-part=copy]");
  if (button) copy(button.closest(".code").querySelector("code").textContent, button);
});
