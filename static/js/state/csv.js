// Tables as text, and what a spreadsheet would make of them. Pure.

// A cell, with what stands in quotes; what comes after it parts it from the next.
const CELL = /(?:"(?:[^"]|"")*"|[^,;\t\r\n"])*/y;
// What a spreadsheet takes for a formula and works out, as OWASP's page on CSV injection lists it.
const FORMULA = /^\s*[=+\-@＝＋－＠]/;
// A minus in front of an amount is no formula.
const AMOUNT = /^\s*[+-]?[\d.,'\s]*\d[\d.,'\s]*[%€$£¥]?\s*$/;

function* cells(csv) {
  for (let at = 0; at <= csv.length; ) {
    CELL.lastIndex = at;
    const [cell] = CELL.exec(csv);
    const isQuoted = cell.startsWith('"');
    yield { at: at + isQuoted, text: isQuoted ? cell.slice(1, -1) : cell };
    at += cell.length + 1;
  }
}

function formulas(csv) {
  return [...cells(csv)].filter(({ text }) => FORMULA.test(text) && !AMOUNT.test(text));
}

/** Whether a spreadsheet would work something out in it. */
export function hasFormulas(csv) {
  return formulas(csv).length > 0;
}

/** An apostrophe before each formula: the spreadsheet shows it as it stands. */
export function guarded(csv) {
  const starts = formulas(csv).map(({ at }) => at);
  const pieces = [0, ...starts].map((from, nth) => csv.slice(from, starts[nth] ?? csv.length));
  return pieces.join("'");
}
