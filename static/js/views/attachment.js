import { size } from "../lib/sizes.js";
import { fromTemplate } from "../lib/templates.js";

const TEMPLATES = { image: "attachment", file: "attached-file" };

/** A picture or file above the composer: on its way, there, or not arrived. */
export function attachment(one, element = fromTemplate(TEMPLATES[one.kind])) {
  element.dataset.key = one.key;
  element.dataset.state = one.state;
  const progress = element.querySelector("progress");
  progress.hidden = one.state !== "sending";
  progress.value = one.done;
  element.title = one.sentence ?? one.name;
  element.querySelector("[data-do=retry]").hidden = one.state !== "failed";
  if (one.kind === "image") showPicture(element.querySelector("img"), one);
  else showFile(element, one);
  return element;
}

function showPicture(image, one) {
  // The preview stays while it is the same picture: swapping it for the thumbnail would flicker.
  if (!image.hasAttribute("src")) image.src = one.preview ?? one.image.thumbnail_url;
  image.alt = one.name;
}

function showFile(element, one) {
  element.querySelector("[data-part=name]").textContent = one.name;
  element.querySelector("[data-part=size]").textContent = size(one.bytes);
  element.querySelector("[data-do=open]").disabled = !one.file && one.text === undefined;
  element.querySelector("[data-do=inline]").hidden = one.text === undefined;
}
