// One line of Markdown, read from left to right. Tabs reach to the next multiple of four columns, and a
// container may take only a part of one.

export class Line {
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.column = 0;
    this.owed = 0; // columns of a tab that are not taken yet
  }

  /** The text from the next character that is not white space. */
  get rest() {
    return this.text.slice(this.next);
  }

  get next() {
    let at = this.at;
    while (this.text[at] === " " || this.text[at] === "\t") at += 1;
    return at;
  }

  get isBlank() {
    return this.next === this.text.length;
  }

  /** How many columns of white space come next. */
  get indent() {
    let column = this.column + this.owed;
    const begin = this.column;
    for (let at = this.owed ? this.at + 1 : this.at; at < this.text.length; at += 1) {
      if (this.text[at] === " ") column += 1;
      else if (this.text[at] === "\t") column += 4 - (column % 4);
      else break;
    }
    return column - begin;
  }

  get isIndented() {
    return this.indent >= 4;
  }

  skipIndent() {
    this.takeColumns(this.indent);
  }

  /** Take characters that are not tabs. */
  take(count) {
    this.at += count;
    this.column += count;
  }

  takeColumns(count) {
    for (let left = count; left > 0 && this.at < this.text.length; ) {
      if (this.text[this.at] !== "\t") {
        this.take(1);
        left -= 1;
        continue;
      }
      const width = this.owed || 4 - (this.column % 4);
      const part = Math.min(width, left);
      this.owed = width - part;
      this.column += part;
      if (!this.owed) this.at += 1;
      left -= part;
    }
  }

  /** What is left, word for word: the columns that are owed of a tab are spaces. */
  get remainder() {
    return this.owed ? " ".repeat(this.owed) + this.text.slice(this.at + 1) : this.text.slice(this.at);
  }
}
