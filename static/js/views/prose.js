import { Growing } from "./growing.js";

/** A finished text as Markdown, in a fragment. */
export function prose(text, scope) {
  const body = document.createElement("div");
  new Growing(body, { scope }).end(text);
  const whole = document.createDocumentFragment();
  whole.append(...body.childNodes);
  return whole;
}
