// All of one's pictures, the newest first. Pure.

/** With the next page of them; what has moved there meanwhile is not there twice. */
export function withMore(pictures, more) {
  const known = new Set(pictures.map(({ id }) => id));
  return [...pictures, ...more.filter(({ id }) => !known.has(id))];
}

export function without(pictures, id) {
  return pictures.filter((one) => one.id !== id);
}

/** Which one has the focus when that at `at` is gone: the one in its place, else the last. */
export function nextTo(at, count) {
  return count ? Math.min(at, count - 1) : null;
}

/** The pictures of a message with some more behind them, or null where they do not all fit. */
export function together(waiting, chosen, most) {
  const all = withMore(waiting, chosen);
  return all.length > most ? null : all;
}

/** Where it was sent last: the address of the message. */
export function placeOf({ uses }) {
  const [{ conversation, message }] = uses;
  return `/c/${conversation}/#m-${message}`;
}
