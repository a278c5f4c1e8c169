// The last line while it has no end. As long as it says too little of what it will be, it is not shown:
// `---` may underline a heading or begin a table, `1.` may be a number or a list.

const MARKS_ONLY = /^[\s\-+*>#=_`~|:$\\[\]^!]*$/;
const NUMBER_ONLY = /^(?:[\s>]|[-+*]\s)*\d{1,9}[.)]?\s*$/;
const FENCE_SO_FAR = /^(?:[\s>]|[-+*]\s|\d{1,9}[.)]\s)*(?:```|~~~)[^`]*$/;
const LONGEST_MARK = 200; // who types more of them wants to see them

export function guessable(line, tip) {
  if (!line.trim()) return false;
  if (line.length > LONGEST_MARK) return true;
  if (tip.type === "code") return !/^\s*[`~]*\s*$/.test(line);
  return !MARKS_ONLY.test(line) && !NUMBER_ONLY.test(line) && !FENCE_SO_FAR.test(line);
}
