// Footnotes: below the text, in the order in which they are defined. Their marks lead there and back.
import { words } from "../lib/words.js";

export function notesSection() {
  const section = document.createElement("section");
  section.className = "notes";
  section.ariaLabel = words.notes;
  section.append(document.createElement("ol"));
  return section;
}

export function noteElement({ number }, { scope }) {
  const element = document.createElement("li");
  element.id = `note-${scope}-${number}`;
  element.value = number;
  const inside = document.createElement("div");
  const back = Object.assign(document.createElement("a"), { className: "note-back", textContent: "↩" });
  back.setAttribute("href", `#note-${scope}-${number}`);
  back.ariaLabel = words.toMark;
  element.append(inside, back);
  return { element, inside };
}

/** Without a change of the address, which would be a step in the browser's history. */
function follow(event) {
  const from = event.target.closest?.(".note-mark, .note-back");
  if (!from) return;
  event.preventDefault();
  const href = from.getAttribute("href");
  const isMark = from.classList.contains("note-mark");
  const to = isMark
    ? document.getElementById(href.slice(1))?.querySelector(".note-back")
    : document.querySelector(`.note-mark[href="${CSS.escape(href)}"]`);
  to?.scrollIntoView({ block: "center" });
  to?.focus({ preventScroll: true });
}

document.addEventListener("click", follow);
