// A message that is far from the reader: its place is kept, and nothing else.

const LINE_PX = 26.4;
const TOOLS_PX = globalThis.matchMedia?.("(pointer: coarse)").matches ? 44 : 30.4;
// What is around the words but for the tools, how many letters go into a line, and the least that a line takes: an
// empty one is seen in one's own words, and parts paragraphs in Markdown.
const OWN = { px: 36.8, characters: 68, least: 1 };
const ANSWER = { px: 80, characters: 85, least: 0 };

/** As the server wrote it, until it is made whole. */
export class Served {
  isAway = true;

  constructor(element) {
    this.element = element;
  }

  show() {}

  /** What the whole message is made of. */
  get ground() {
    return this.element;
  }
}

export class Away {
  isAway = true;

  constructor(item, height = guessed(item)) {
    this.element = document.createElement("article");
    this.element.className = "message away";
    this.element.dataset.message = item.id;
    this.element.style.blockSize = `${height}px`;
  }

  show() {}

  get ground() {
    return undefined;
  }
}

/** For one's own of one line it is no guess: at the very top of a conversation, where such a one stands, nothing
    above it could give way for what it turns out to be. */
export function guessed({ role, text }) {
  const { px, characters, least } = role === "user" ? OWN : ANSWER;
  const lines = text.split("\n").reduce((sum, line) => sum + Math.max(least, Math.ceil(line.length / characters)), 0);
  return px + TOOLS_PX + LINE_PX * lines;
}
