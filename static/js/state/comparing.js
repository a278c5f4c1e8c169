// Two pictures beside each other. Pure.
import { moved } from "./looking.js";

/** In the frame of another picture the same part of it, as large as that can be. */
export function followed(view, from, to) {
  const along = (side) => to.fit[side] / from.fit[side];
  const scale = Math.min(view.scale, to.most);
  return moved({ scale, x: view.x * along("width"), y: view.y * along("height") }, [0, 0], to);
}

/** Which two of them are shown: that at `at` and the next one, or the one before the last. */
export function pairOf(pictures, at) {
  const other = at + 1 < pictures.length ? at + 1 : at - 1;
  return at < other ? [at, other] : [other, at];
}

/** Another one in a pane; the two change places where it stands in the other. */
export function chosen(pair, pane, which) {
  const next = [...pair];
  if (pair[1 - pane] === which) next[1 - pane] = pair[pane];
  next[pane] = which;
  return next;
}
