// What is to be known about how an answer came to be: quiet lines above it.
import { hide, say } from "../lib/changes.js";
import { words as asking } from "../lib/asking_words.js";
import { nameOf } from "../lib/names.js";
import { words } from "../lib/words.js";

export function showRemarks(part, { left_out: count, instead_of, sight, model }) {
  hide(part("left-out"), !count);
  if (count) say(part("left-out-said"), words.leftOut(count));
  hide(part("instead"), !instead_of);
  if (instead_of) say(part("instead"), words.insteadOf(nameOf(instead_of), nameOf(model)));
  hide(part("sight"), !sight);
  if (sight) say(part("sight"), asking.sight(sight, nameOf(model)));
}
