// `[label]: address "title"`: where a link leads that is used elsewhere.

const DEFINITION = new RegExp(
  [
    /^\[(?!\^)((?:\\.|[^[\]\\]){1,999})\]:[ \t]*\n?[ \t]*/,
    /(?:<((?:\\.|[^<>\n\\])*)>|(?!<)(\S+))/,
    /(?:(?:[ \t]+|[ \t]*\n[ \t]*)("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\((?:\\.|[^()\\])*\)))?[ \t]*(?:\n|$)/,
  ]
    .map((part) => part.source)
    .join(""),
);

/** One label is another, whatever their case and white space. The same rule as marked's. */
export function labelled(label) {
  return label.trim().replace(/\s+/g, " ").toLowerCase().toUpperCase().toLowerCase();
}

function plain(text) {
  return text.replace(/\\([!-/:-@[-`{-~])/g, "$1");
}

/** The definitions that a paragraph begins with, and what is left of it. */
export function definitions(text) {
  const found = [];
  let rest = text;
  for (let match; rest.startsWith("[") && (match = DEFINITION.exec(rest)); rest = rest.slice(match[0].length)) {
    if (!match[1].trim()) break;
    const title = match[4] ? plain(match[4].slice(1, -1)) : null;
    found.push({ label: labelled(match[1]), href: plain(match[2] ?? match[3]), title });
  }
  return { found, rest };
}
