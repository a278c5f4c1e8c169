// Saved prompts, without the page: what is asked for behind a slash, which ones fit, and their blanks.

const LONGEST = 41; // a slash and a name
// Spaces around a name are not told apart here: trying where they end would take for ever in a long row of them.
const BLANK = /\{\{([^{}:\n]{1,80})(?::([^{}]*))?\}\}/g;

/** The slash at the start of a line and what is typed behind it, up to the caret; null elsewhere. */
export function commandAt(text, caret) {
  const from = text.lastIndexOf("\n", caret - 1) + 1;
  if (text[from] !== "/" || caret <= from || caret - from > LONGEST) return null;
  const typed = text.slice(from + 1, caret);
  return /[\s/]/.test(typed) ? null : { from, to: caret, typed };
}

/** Those whose name begins as it is typed, then those that have it somewhere else. */
export function matching(prompts, typed) {
  const wanted = typed.toLowerCase();
  const place = ({ name }) => name.indexOf(wanted);
  const begin = prompts.filter((prompt) => place(prompt) === 0);
  return [...begin, ...prompts.filter((prompt) => place(prompt) > 0)];
}

/** `[{name, value}]` in their order, each once; `value` is what stands there at first. */
export function blanksOf(text) {
  const found = new Map();
  for (const [, spaced, value = ""] of text.matchAll(BLANK)) {
    const name = spaced.trim();
    if (name) found.set(name, found.get(name) || value.trim());
  }
  return [...found].map(([name, value]) => ({ name, value }));
}

/** `text` with `values`, a Map by name, in its blanks: the same name twice is the same value. */
export function filledIn(text, values) {
  return text.replace(BLANK, (whole, name) => values.get(name.trim()) ?? whole);
}
