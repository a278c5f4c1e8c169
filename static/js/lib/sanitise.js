// Where a link may lead. There is no HTML to clean: what people and models write becomes text nodes and
// elements that we make (views/), and this is the only value of theirs that is more than words.

const ALLOWED = /^(?:https?:\/\/|mailto:)/i;

/** The address as it may stand in a link, or null. */
export function address(href) {
  const trimmed = href.trim();
  if (!ALLOWED.test(trimmed)) return null;
  try {
    return new URL(trimmed).href;
  } catch {
    return null;
  }
}
