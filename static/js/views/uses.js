// What can be done with an answer that was asked for a text: to be opened, to be kept.
import { hide } from "../lib/changes.js";
import { usesOf } from "../state/extract.js";

export function showUses(part, message) {
  const { text, alt } = usesOf(message);
  hide(part("uses"), !text);
  hide(part("keep-alt"), !alt);
}
