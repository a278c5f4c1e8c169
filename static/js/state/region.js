// A part of a picture that is to be cut out: {x, y, width, height} in shares of the whole. Pure.

export const STEP = 0.02; // of an arrow key
const LEAST = 0.02; // less is no part that anybody means
const FIRST = { x: 0.2, y: 0.2, width: 0.6, height: 0.6 };
const SIDES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const between = (least, value, most) => Math.min(most, Math.max(least, value));

export function first() {
  return { ...FIRST };
}

/** From one point to another, wherever they are. */
export function drawn(from, to) {
  const along = (side) => [between(0, Math.min(from[side], to[side]), 1 - LEAST), between(0, Math.max(from[side], to[side]), 1)];
  const [[left, right], [top, bottom]] = [along("x"), along("y")];
  return { x: left, y: top, width: Math.max(LEAST, right - left), height: Math.max(LEAST, bottom - top) };
}

/** As large as it is, somewhere else in the picture. */
export function moved(box, [dx, dy]) {
  return { ...box, x: between(0, box.x + dx, 1 - box.width), y: between(0, box.y + dy, 1 - box.height) };
}

/** Its far corner somewhere else. */
export function resized(box, [dx, dy]) {
  const width = between(LEAST, box.width + dx, 1 - box.x);
  return { ...box, width, height: between(LEAST, box.height + dy, 1 - box.y) };
}

/** What an arrow key makes of it, with Shift at its far corner; null: it is another key. */
export function keyed(box, { key, shiftKey }) {
  if (!Object.hasOwn(SIDES, key)) return null;
  const way = SIDES[key].map((by) => by * STEP);
  return shiftKey ? resized(box, way) : moved(box, way);
}

/** In whole pixels of a picture that has so many; at least one. */
export function pixels({ x, y, width, height }, size) {
  const [left, top] = [Math.floor(x * size.width), Math.floor(y * size.height)];
  const right = between(left + 1, Math.round((x + width) * size.width), size.width);
  const bottom = between(top + 1, Math.round((y + height) * size.height), size.height);
  return { left, top, width: right - left, height: bottom - top };
}
