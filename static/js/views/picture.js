import { fromTemplate } from "../lib/templates.js";
import { words } from "../lib/words.js";

const GONE = new Set([403, 404, 410, 451]);

/** What it is called: as the person says, or by its number. */
export function nameOf(image, index) {
  return image.alt || words.picture(index + 1);
}

/** A picture in a message: a link to all of it. Its size is known before it comes, so nothing jumps. */
export function picture(image, index) {
  const link = fromTemplate("picture");
  const shown = link.querySelector("img");
  link.href = image.url;
  link.dataset.bytes = image.bytes;
  const { width, height, thumbnail_url: src } = image;
  Object.assign(shown, { width, height, alt: nameOf(image, index), src });
  if (image.blocked) signed(link, "blocked");
  return link;
}

/** With a sign that says why there is no picture. */
export function signed(link, why) {
  if (!link.querySelector("[data-part=sign]")) link.append(fromTemplate("no-picture"));
  link.dataset.missing = why;
}

/** It did not come: it is not here any more, or another click asks for it again. */
export async function missing(image) {
  const link = image.closest("a");
  signed(link, "broken");
  if (await isGone(image.src)) signed(link, "gone");
}

async function isGone(address) {
  try {
    return GONE.has((await fetch(address, { method: "HEAD" })).status);
  } catch {
    return false; // nobody answered
  }
}

/** What comes for a blocked one is a sign, too, without words. */
export function came(image) {
  const link = image.closest("a");
  if (link.dataset.missing !== "blocked") delete link.dataset.missing;
}

/** Ask for it once more, unless that is of no use. */
export function again(link) {
  const image = link.querySelector("img");
  if (link.dataset.missing === "broken") image.src = image.getAttribute("src");
}
