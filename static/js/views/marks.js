// Marks on words that were found: the CSS Custom Highlight API, which leaves the elements alone. A browser
// without it shows the message only.

const MARKS = globalThis.CSS?.highlights;

const BLOCKS = "p, li, td, th, pre, h1, h2, h3, h4, h5, h6, .body";

/** The places of a pattern in an element's words, in order; a place may reach over several elements, not over
    several blocks. */
export function rangesOf(element, pattern) {
  const nodes = [];
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let text = "";
  let block = null;
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const around = node.parentElement.closest(BLOCKS);
    if (around !== block) text += "\n";
    block = around;
    nodes.push({ node, from: text.length });
    text += node.data;
  }
  return [...text.matchAll(pattern)].map((match) => rangeOf(nodes, match.index, match.index + match[0].length));
}

function rangeOf(nodes, from, to) {
  const range = document.createRange();
  const start = nodes.findLast((one) => one.from <= from);
  const end = nodes.findLast((one) => one.from < to);
  range.setStart(start.node, from - start.from);
  range.setEnd(end.node, to - end.from);
  return range;
}

/** Mark all `ranges`, and the one that the reader stands at. */
export function mark(ranges, here) {
  MARKS?.set("found", new Highlight(...ranges.filter((range) => range !== here)));
  MARKS?.set("found-here", new Highlight(...(here ? [here] : [])));
}

export function unmark() {
  MARKS?.delete("found");
  MARKS?.delete("found-here");
}
