// A message that is far from the reader: its place is kept, and nothing else.

const LINE_PX = 27;
const LINE_CHARACTERS = 85;
const AROUND_PX = 110; // name, tools and the space around a message

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

function guessed({ text }) {
  const lines = text.split("\n").reduce((sum, line) => sum + Math.ceil(line.length / LINE_CHARACTERS), 0);
  return AROUND_PX + LINE_PX * lines;
}
