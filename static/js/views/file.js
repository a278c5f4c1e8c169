import { size } from "../lib/sizes.js";
import { fromTemplate } from "../lib/templates.js";

/** A text file of a message: its name and size, to be opened. */
export function file({ name, bytes, url }) {
  const link = fromTemplate("file");
  link.href = url;
  link.querySelector("[data-part=name]").textContent = name;
  link.querySelector("[data-part=size]").textContent = size(bytes);
  return link;
}
