// What the palette lists for what was typed: pure, so that it can be said in tests.

const RECENT = 7;

/** The words of what was typed, in small letters. */
const typedWords = (typed) => typed.toLowerCase().split(/\s+/).filter(Boolean);

/** Whether each typed word begins a word of `label`. */
export function begins(label, typed) {
  const parts = label.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  const wanted = typedWords(typed);
  return wanted.length > 0 && wanted.every((word) => parts.some((part) => part.startsWith(word)));
}

/** `[{name, items}]`: acts that are meant, then what was found; without words the recent ones and all acts. */
export function groupsOf({ typed, listing, found, acts }) {
  const groups = typed.trim()
    ? [
        { name: "acts", items: acts.filter((act) => begins(act.label, typed)) },
        { name: "found", items: found.flatMap(rowsOf) },
      ]
    : [
        { name: "recent", items: listing.slice(0, RECENT).map(recent) },
        { name: "acts", items: acts },
      ];
  return groups.filter(({ items }) => items.length);
}

/** A conversation, and the passages in it. Found by what was said in it alone, it opens at the best of them. */
function rowsOf({ conversation, title, matches, more }) {
  const place = `/c/${conversation.id}/`;
  const best = title.some(({ match }) => match) || !matches.length ? "" : `#m-${matches[0].message}`;
  const head = { kind: "conversation", key: conversation.id, href: place + best, title, at: conversation.updated_at };
  const passages = matches.map((match, index) => ({
    kind: "passage",
    key: match.message,
    href: `${place}#m-${match.message}`,
    segments: match.file ? [{ text: `${match.file}: `, match: false }, ...match.passage] : match.passage,
    own: match.role === "user",
    at: match.created_at,
    more: index === matches.length - 1 ? more : 0,
  }));
  return [head, ...passages];
}

function recent({ id, title, updated_at: at }) {
  return { kind: "conversation", key: id, href: `/c/${id}/`, title: [{ text: title, match: false }], at };
}

/** Where the mark goes: round and round. -1 is nowhere. */
export function moved(at, step, count) {
  return count ? (at + step + count) % count : -1;
}

/** The typed text with a filter in it, or without it when it was there; where to type on. */
export function narrowed(typed, filter) {
  const parts = typed.split(/\s+/).filter(Boolean);
  const at = parts.findIndex((part) => part.toLowerCase().startsWith(filter));
  if (at >= 0) parts.splice(at, 1);
  else parts.push(filter);
  const text = parts.join(" ");
  return at >= 0 || filter.endsWith(":") || !text ? text : `${text} `;
}

/** Whether the filter is part of what was typed. */
export function isNarrowedBy(typed, filter) {
  return typed.toLowerCase().split(/\s+/).some((part) => part.startsWith(filter));
}
