// Formulas by KaTeX, as elements: its HTML as a string would need styles that our policy forbids. Until it
// is there, and where it does not understand, the source is shown.
import { katex, whenIdle } from "./later.js";

// No links, pictures, classes or styles of the source's own (`trust`), nothing larger than the page, and no
// macro without an end.
const OPTIONS = { output: "htmlAndMathml", throwOnError: true, trust: false, strict: "ignore", maxSize: 10, maxExpand: 200 };

export function formula({ raw, text, block }) {
  const element = document.createElement("span");
  element.className = block ? "formula display" : "formula";
  element.textContent = raw;
  element.source = raw; // views/patch.js lets what is drawn stand
  draw(element, text, block);
  return element;
}

/** A formula that is a block of its own; half of one is not shown. */
export function formulaBlock() {
  const element = document.createElement("div");
  element.className = "formula display";
  element.tabIndex = 0; // who has no mouse scrolls it with the arrows
  return {
    element,
    finish({ text, source }) {
      element.textContent = source;
      draw(element, text, true);
    },
  };
}

function draw(element, text, displayMode) {
  whenIdle(async () => {
    const library = await katex();
    const drawn = document.createElement("span");
    try {
      library.render(text, drawn, { ...OPTIONS, displayMode });
    } catch {
      return element.classList.add("unread");
    }
    element.replaceChildren(...drawn.childNodes);
    element.classList.add("drawn");
  });
}
