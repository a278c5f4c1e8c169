// Markdown as elements. One renderer for streaming and finished messages.
import { html } from "../lib/markdown.js";
import { clean } from "../lib/sanitise.js";
import { fromTemplate } from "../lib/templates.js";
import { words } from "../lib/words.js";

/** A code block with its language and a copy button. Returns the block and the text node inside. */
export function codeBlock(language, text) {
  const block = fromTemplate("code-block");
  block.querySelector("[data-part=language]").textContent = language;
  const node = document.createTextNode(text);
  block.querySelector("code").append(node);
  return { block, node };
}

function languageOf(code) {
  return /(?:^| )language-(\S+)/.exec(code.className)?.[1] ?? "";
}

function dress(fragment) {
  for (const box of fragment.querySelectorAll("input")) box.ariaLabel = box.checked ? words.done : words.notDone;
  for (const pre of fragment.querySelectorAll("pre")) {
    const code = pre.querySelector("code");
    const text = (code ?? pre).textContent.replace(/\n$/, "");
    pre.replaceWith(codeBlock(code ? languageOf(code) : "", text).block);
  }
  for (const table of fragment.querySelectorAll("table")) {
    const wide = document.createElement("div");
    wide.className = "wide";
    wide.tabIndex = 0; // who has no mouse scrolls it with the arrows
    table.replaceWith(wide);
    wide.append(table);
  }
  return fragment;
}

export function prose(text) {
  return dress(clean(html(text)));
}
