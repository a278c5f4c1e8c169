import { fromTemplate } from "../lib/templates.js";

/** A picture above the composer: on its way, there, or refused. */
export function attachment(one, element = fromTemplate("attachment")) {
  element.dataset.key = one.key;
  element.dataset.state = one.state;
  const image = element.querySelector("img");
  const source = one.image?.thumbnail_url ?? one.preview;
  // The preview stays while it is the same picture: swapping it for the thumbnail would flicker.
  if (!image.hasAttribute("src")) image.src = one.preview ?? source;
  image.alt = one.name;
  const progress = element.querySelector("progress");
  progress.hidden = one.state !== "sending";
  progress.value = one.done;
  element.title = one.sentence ?? one.name;
  return element;
}
