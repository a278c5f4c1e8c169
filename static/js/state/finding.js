// Finding words inside one conversation. Pure.

/** Words as they are, whatever their case, as a pattern; null for nothing but spaces. */
export function patternOf(words) {
  if (!words.trim()) return null;
  return new RegExp(words.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "giu");
}

export function occurrences(text, pattern) {
  return text.match(pattern)?.length ?? 0;
}

/** `[{message, matches}]` among messages that are at hand, in their order. */
export function matchesIn(messages, pattern) {
  return messages
    .map(({ id, text }) => ({ message: id, matches: occurrences(text, pattern) }))
    .filter(({ matches }) => matches > 0);
}

export function total(found) {
  return found.reduce((sum, { matches }) => sum + matches, 0);
}

/** Which message the match number `nth` (from 0) is in, and the how-manieth it is there. */
export function placeOf(found, nth) {
  let before = 0;
  for (const { message, matches } of found) {
    if (nth < before + matches) return { message, at: nth - before };
    before += matches;
  }
  return null;
}
