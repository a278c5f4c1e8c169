// Formulas inside of a line: `$…$`, `$$…$$`, `\(…\)`, `\[…\]`. Money is none: "$5 and $6".

const BRACKETED = [
  [/^\\\(((?:[^\\]|\\(?!\)))+)\\\)/, false],
  [/^\\\[((?:[^\\]|\\(?!\]))+)\\\]/, true],
  [/^\$\$((?:[^$\\]|\\[^])+)\$\$/, true],
];
// What opens stands before a sign, what closes behind one; no digit or letter follows the end.
const DOLLARS = /^\$(?=[^\s$])((?:[^$\\\n]|\\.)*?[^\s\\$]|[^\s\\$])\$(?![\w$])/;
const LONGEST = 2000;

/** The formula that a text begins with: {raw, text, block}, or nothing. `before` is the character before it. */
export function formulaAt(source, before) {
  const head = source.slice(0, LONGEST);
  for (const [pattern, block] of BRACKETED) {
    const found = pattern.exec(head);
    if (found?.[1].trim()) return { raw: found[0], text: found[1], block };
  }
  const found = /[\w\\$]/.test(before) ? null : DOLLARS.exec(head);
  return found ? { raw: found[0], text: found[1], block: false } : undefined;
}
