// The inside of a block: emphasis, code, links, formulas. By marked, whose tokens become elements in
// views/inline.js; no HTML is written anywhere.
import { Lexer, Marked } from "marked";
import { formulaAt } from "./formula.js";
import { labelled } from "./definitions.js";

let notes = new Map(); // of the text that is being read

const formula = {
  name: "formula",
  level: "inline",
  start: (source) => /\$|\\[([]/.exec(source)?.index,
  tokenizer(source, tokens) {
    if (source[0] !== "$" && source[0] !== "\\") return undefined;
    const found = formulaAt(source, tokens.at(-1)?.raw.at(-1) ?? "");
    return found && { type: "formula", ...found };
  },
};

const note = {
  name: "note",
  level: "inline",
  start: (source) => source.indexOf("[^"),
  tokenizer(source) {
    const found = /^\[\^([^\]\s]{1,100})\]/.exec(source);
    return found && notes.has(found[1]) ? { type: "note", raw: found[0], number: notes.get(found[1]) } : undefined;
  },
};

const { defaults } = new Marked({ gfm: true }, { extensions: [formula, note] });

export function inlineTokens(text, known) {
  notes = known.notes;
  const lexer = new Lexer(defaults);
  lexer.tokens.links = known.links;
  try {
    return lexer.inlineTokens(text);
  } catch {
    return [{ type: "text", raw: text }]; // marked gives up where it would go round for ever
  }
}

/** Labels in brackets that are defined nowhere yet: with a definition this text will look different. */
export function missing(text, { links, notes }) {
  const found = new Set();
  for (const [, label] of text.matchAll(/\[((?:\\.|[^[\]\\]){1,999})\]/g)) {
    if (label[0] === "^" ? !notes.has(label.slice(1)) : !(labelled(label) in links)) {
      found.add(label[0] === "^" ? label : labelled(label));
    }
  }
  return found;
}

// A very long text is read in parts, so that what comes costs the same whatever stands before it. Where
// it is cut depends on the text alone. Nothing that a person writes is longer between its two marks.
const SHORTEST_PART = 2048;
const LONGEST_PART = 4096;
const STEP = 256;

/** Where the first part of a long text ends; 0 while it is not long. */
export function firstPart(text, known) {
  if (text.length < LONGEST_PART) return 0;
  for (let from = SHORTEST_PART; from < LONGEST_PART; from += STEP) {
    const at = spaceIn(text, from, from + STEP);
    if (at && isNeutral(text.slice(0, at), known)) return at;
  }
  return spaceIn(text, LONGEST_PART - STEP, LONGEST_PART) || wholeCharacters(text, LONGEST_PART);
}

function spaceIn(text, from, to) {
  const found = /\S \S/.exec(text.slice(from, to));
  return found ? from + found.index + 2 : 0;
}

function wholeCharacters(text, at) {
  return text.codePointAt(at - 1) > 0xffff ? at - 1 : at;
}

/** Whether nothing is open at the end: what follows cannot change how this reads. */
function isNeutral(text, known) {
  return inlineTokens(text, known).every(
    (token) => token.type !== "text" || !/[*`[<$~]|\\[([]|(?<!\w)_/.test(token.raw.replace(/(?<=\s)[*<~](?=\s)/g, "")),
  );
}
