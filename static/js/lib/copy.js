import { words } from "./words.js";

const SHOWN_MS = 1500;

/** Copy, also on plain http where the clipboard's own interface is missing. */
async function toClipboard(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** Copy `text` and let the button say so for a moment. */
export async function copy(text, button) {
  await toClipboard(text);
  const label = button.querySelector("[data-part=label]");
  const before = label?.textContent;
  button.dataset.done = "";
  if (label) label.textContent = words.copied;
  setTimeout(() => {
    delete button.dataset.done;
    if (label) label.textContent = before;
  }, SHOWN_MS);
}
