// The end of a text that is still being written, in a form that can be shown: what is opened and not yet
// closed is closed, and marks that say nothing yet are left out. Only for the eye; nothing of it is kept.

const LONGEST_FORMULA = 200; // what is longer was none

export function presentable(text) {
  const shown = withoutLooseEnd(text);
  const code = openCode(shown);
  if (code) return code.empty ? shown.slice(0, code.at) : shown + code.fence;
  return closed(withoutOpenLink(withoutOpenFormula(shown)));
}

/** Marks, tags and entities that have just begun, and lines that may be the head of a table. */
function withoutLooseEnd(text) {
  const lines = text.split("\n");
  while (lines.length && /^\|/.test(lines[lines.length - 1])) lines.pop();
  return lines.join("\n").replace(/(?:[*_~$\\![]{1,3}|<\/?[a-z]{0,5}|&[#\w]{0,10})$/i, "");
}

/** The code span that has no end: where it begins, and with what. */
function openCode(text) {
  const marks = /`+/g;
  for (let mark; (mark = marks.exec(text)); ) {
    if (text[mark.index - 1] === "\\") continue;
    const end = nextRun(text, mark[0].length, marks.lastIndex);
    if (end < 0) return { at: mark.index, fence: mark[0], empty: !text.slice(marks.lastIndex).trim() };
    marks.lastIndex = end;
  }
  return null;
}

function nextRun(text, length, from) {
  const marks = /`+/g;
  marks.lastIndex = from;
  for (let mark; (mark = marks.exec(text)); ) if (mark[0].length === length) return marks.lastIndex;
  return -1;
}

const FORMULAS = [
  [/\$\$/g, /\$\$/],
  [/\\\(/g, /\\\)/],
  [/\\\[/g, /\\\]/],
  [/(?<![\w\\$])\$(?=[^\s$\d])/g, /\$|\n/],
];

function withoutOpenFormula(text) {
  for (const [opening, closing] of FORMULAS) {
    opening.lastIndex = 0;
    for (let found; (found = opening.exec(text)); ) {
      const after = opening.lastIndex;
      const end = closing.exec(text.slice(after));
      if (!end) {
        if (text.length - after > LONGEST_FORMULA) break;
        return text.slice(0, found.index);
      }
      opening.lastIndex = after + end.index + end[0].length;
    }
  }
  return text;
}

/** `[words](https://exa` is its words so far. */
function withoutOpenLink(text) {
  const half = /!?\[((?:\\.|[^[\]\\])*)(?:\](?:\([^()\s]*(?:\s[^()]*)?|\[[^[\]]*)?)?$/.exec(text.slice(-600));
  if (!half || half[1][0] === "^") return half ? text.slice(0, text.length - half[0].length) : text;
  return text.slice(0, text.length - half[0].length) + half[1];
}

const MARK = /\\[^]|`+[^`]*`+|\*{1,3}|_{1,3}|~~/g;

/** Emphasis that is open is closed. */
function closed(text) {
  const open = [];
  for (const { 0: mark, index } of text.matchAll(MARK)) {
    if (mark[0] === "\\" || mark[0] === "`") continue;
    const before = text[index - 1] ?? " ";
    const after = text[index + mark.length] ?? " ";
    if (open.at(-1) === mark && !/\s/.test(before)) open.pop();
    else if (!/\s/.test(after) && !/\w/.test(before)) open.push(mark);
  }
  return open.length ? text.trimEnd() + open.reverse().join("") : text;
}
