import { put } from "../lib/changes.js";
import { size } from "../lib/sizes.js";
import { fromTemplate } from "../lib/templates.js";
import { words } from "../lib/words.js";

const TEMPLATES = { image: "attachment", file: "attached-file" };

/** A picture or file above the field, empty yet. */
export function attachment(kind) {
  const element = fromTemplate(TEMPLATES[kind]);
  const image = element.querySelector("img");
  image?.addEventListener("error", () => cannotShow(element, image));
  image?.addEventListener("load", () => delete element.dataset.unseen);
  return element;
}

/** What of it has the focus and a menu. */
export function faceOf(element) {
  return element.querySelector(".face, .open");
}

/** On its way, there, or not arrived; the one at `at` of so many. */
export function showAttachment(element, one, { at, of }) {
  element.dataset.state = one.state;
  const progress = element.querySelector("progress");
  progress.hidden = one.state !== "sending";
  progress.value = one.done;
  element.title = one.sentence ?? (one.image?.alt || one.name);
  element.querySelector("[data-do=retry]").hidden = one.state !== "failed";
  put(element.querySelector("[data-do=remove]"), "aria-label", words.remove(one.name));
  put(faceOf(element), "aria-label", words.attached({ name: one.name, at, of, sentence: one.sentence }));
  if (one.kind === "image") showPicture(element, one);
  else showFile(element, one);
}

function showPicture(element, one) {
  element.toggleAttribute("data-described", Boolean(one.image?.alt));
  if (one.image) element.dataset.stored = one.image.thumbnail_url;
  // The preview stays while it is the same picture: swapping it for the thumbnail would flicker.
  const { stored, unshowable } = element.dataset;
  const preview = unshowable === undefined ? one.preview : undefined;
  put(element.querySelector("img"), "src", preview ?? stored ?? one.preview);
}

/** Not every browser can show every kind of picture that the server takes: then, and from then on, it is what the
    server made of it. */
function cannotShow(element, image) {
  element.dataset.unseen = "";
  element.dataset.unshowable = "";
  if (element.dataset.stored) put(image, "src", element.dataset.stored);
}

function showFile(element, one) {
  element.querySelector("[data-part=name]").textContent = one.name;
  element.querySelector("[data-part=size]").textContent = size(one.bytes);
  element.querySelector("[data-do=open]").disabled = !one.file && one.text === undefined;
  element.querySelector("[data-do=inline]").hidden = one.text === undefined;
}
