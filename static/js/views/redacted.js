// What stands in the place of words that were taken away.
import { fill, gettext } from "../lib/gettext.js";

const SENTENCE = gettext("Removed by an administrator on {day}.");

/** What is to be read of a message; its element is marked where that is not what was said. */
export function readable(element, { redacted, text }) {
  if (element.hasAttribute("data-redacted") !== Boolean(redacted)) element.toggleAttribute("data-redacted");
  return redacted ? fill(SENTENCE, { day: redacted.slice(0, 10) }) : text;
}
