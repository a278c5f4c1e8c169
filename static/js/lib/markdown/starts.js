// What a line may begin. Each takes the block that the line is in, and answers nothing, or opens blocks.
// The order counts, as in the specification of CommonMark.
import { cellsOf, delimiters } from "./table.js";

const FENCE = /^(`{3,}|~{3,})(.*)$/;
const HEADING = /^(#{1,6})(?:[ \t]+|$)(.*)$/;
const RULE = /^(?:\*[ \t]*){3,}$|^(?:_[ \t]*){3,}$|^(?:-[ \t]*){3,}$/;
const UNDERLINE = /^(?:=+|-+)[ \t]*$/;
const BULLET = /^[*+-]/;
const NUMBER = /^(\d{1,9})([.)])/;
const NOTE = /^\[\^([^\]\s]{1,100})\]:/;
const TASK = /^\[([ xX])\][ \t]+(?=\S)/;

// HTML is shown as it was typed, up to where its block ends. What only shapes text is no block.
const SHAPES_TEXT = /^<\/?(?:br|sub|sup|kbd|mark|u)\b/i;
const NAMES =
  "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|" +
  "fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|" +
  "menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|" +
  "track|ul";
const ATTRIBUTE = /\s+[A-Za-z_:][\w.:-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?/.source;
const HTML = [
  [/^<(?:script|pre|textarea|style)(?:[\s>]|$)/i, /<\/(?:script|pre|textarea|style)>/i],
  [/^<!--/, /-->/],
  [/^<\?/, /\?>/],
  [/^<![A-Za-z]/, />/],
  [/^<!\[CDATA\[/, /\]\]>/],
  [new RegExp(`^</?(?:${NAMES})(?:\\s|/?>|$)`, "i"), null],
  [new RegExp(`^(?:<[A-Za-z][A-Za-z0-9-]*(?:${ATTRIBUTE})*\\s*/?>|</[A-Za-z][A-Za-z0-9-]*\\s*>)\\s*$`), null],
];
const ANY_TAG = HTML.length - 1; // cannot interrupt a paragraph

const FORMULA = [
  [/^\$\$/, "$$"],
  [/^\\\[/, "\\]"],
];

const DEEPEST = 50; // containers in each other; nobody reads deeper, and a page that draws must not drown

function quote(line, blocks) {
  if (line.isIndented || line.rest[0] !== ">" || blocks.depth >= DEEPEST) return null;
  takeQuote(line);
  return blocks.open("quote");
}

export function takeQuote(line) {
  line.skipIndent();
  line.take(1);
  if (line.indent) line.takeColumns(1);
}

function heading(line, blocks) {
  const found = !line.isIndented && HEADING.exec(line.rest);
  if (!found) return null;
  return blocks.whole("heading", { level: found[1].length, text: withoutClosing(found[2].trim()) });
}

/** `## A heading ##`. By hand: a pattern would look at each of a thousand signs again and again. */
function withoutClosing(text) {
  let end = text.length;
  while (text[end - 1] === "#") end -= 1;
  return end === 0 || /[ \t]/.test(text[end - 1]) ? text.slice(0, end).trimEnd() : text;
}

function fence(line, blocks) {
  const found = !line.isIndented && FENCE.exec(line.rest);
  if (!found || (found[1][0] === "`" && found[2].includes("`"))) return null;
  const info = found[2].trim().split(/\s/)[0].replace(/\\([!-/:-@[-`{-~])/g, "$1");
  return blocks.leaf("code", { fence: found[1], indent: line.indent, info, text: "", begun: false });
}

function formula(line, blocks) {
  if (line.isIndented) return null;
  const { rest } = line;
  for (const [opening, closing] of FORMULA) {
    if (!opening.test(rest)) continue;
    const body = rest.slice(2).trimEnd();
    const end = body.indexOf(closing);
    if (end < 0) return blocks.leaf("formula", { closing, source: rest, text: body, begun: false, ended: false });
    if (end === body.length - 2 && body.length > 2) return blocks.whole("formula", { text: body.slice(0, -2), source: rest });
  }
  return null;
}

function html(line, blocks, container) {
  if (line.isIndented || line.rest[0] !== "<" || SHAPES_TEXT.test(line.rest)) return null;
  const kind = HTML.findIndex(([opening]) => opening.test(line.rest));
  if (kind < 0 || (kind === ANY_TAG && (container.type === "paragraph" || blocks.mayBeLazy))) return null;
  return blocks.leaf("html", { end: HTML[kind][1], text: "" });
}

function underline(line, blocks, container) {
  if (line.isIndented || container.type !== "paragraph" || !UNDERLINE.test(line.rest)) return null;
  return blocks.underlined(container, line.rest[0] === "=" ? 1 : 2);
}

function table(line, blocks, container) {
  if (line.isIndented || container.type !== "paragraph") return null;
  const align = delimiters(line.rest);
  if (!align) return null;
  const at = container.text.lastIndexOf("\n") + 1;
  const head = cellsOf(container.text.slice(at));
  return head.length === align.length ? blocks.tabled(container, at, head, align) : null;
}

function rule(line, blocks) {
  return !line.isIndented && RULE.test(line.rest) ? blocks.whole("rule", {}) : null;
}

function note(line, blocks, container) {
  if (line.isIndented || (container.type === "paragraph" ? container.parent : container).parent) return null; // only at the top
  const found = NOTE.exec(line.rest);
  if (!found || blocks.notes.has(found[1])) return null;
  line.skipIndent();
  line.take(found[0].length);
  return blocks.openNote(found[1]);
}

function item(line, blocks, container) {
  if (line.isIndented || blocks.depth >= DEEPEST) return null;
  const { rest, indent } = line;
  const bullet = BULLET.exec(rest);
  const number = !bullet && NUMBER.exec(rest);
  const marker = bullet ?? number;
  if (!marker) return null;
  const after = rest.slice(marker[0].length);
  if (after && !/^[ \t]/.test(after)) return null;
  if (container.type === "paragraph" && (!after.trim() || (number && Number(number[1]) !== 1))) return null;
  line.skipIndent();
  line.take(marker[0].length);
  const width = indent + marker[0].length + padding(line);
  const list = number ? { ordered: true, kind: number[2], start: Number(number[1]) } : { ordered: false, kind: bullet[0] };
  return blocks.openItem(list, width, taskOf(line));
}

/** The columns between a marker and the text of its item: one to four, or one where code or nothing follows. */
function padding(line) {
  const { indent } = line;
  const columns = indent >= 1 && indent <= 4 && !line.isBlank ? indent : 1;
  line.takeColumns(columns);
  return columns;
}

function taskOf(line) {
  const found = line.indent === 0 && TASK.exec(line.rest);
  if (!found) return null;
  line.take(found[0].length);
  return found[1] === " " ? "open" : "done";
}

function indented(line, blocks) {
  if (!line.isIndented || line.isBlank || blocks.mayBeLazy) return null;
  line.takeColumns(4);
  return blocks.leaf("code", { fence: null, info: "", text: "" });
}

export const STARTS = [quote, heading, fence, formula, html, underline, table, rule, note, item, indented];
