import { words } from "./words.js";

const SHOWN_MS = 1500;

/** Copy, also on plain http where the clipboard's own interface is missing, and where it is forbidden. */
async function toClipboard(text, button) {
  try {
    return await navigator.clipboard.writeText(text);
  } catch {
    selectAndCopy(text, button.closest("dialog") ?? document.body);
  }
}

/** What is beside an open dialog cannot be selected: `place` is inside. */
function selectAndCopy(text, place) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  const focused = document.activeElement;
  place.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  focused?.focus({ preventScroll: true });
}

const saying = new WeakMap(); // button → {timer, before}: one that says so already says it longer

/** Copy `text` and let the button say so for a moment. */
export async function copy(text, button) {
  await toClipboard(text, button);
  const label = button.querySelector("[data-part=label]");
  const { timer, before = label?.textContent } = saying.get(button) ?? {};
  clearTimeout(timer);
  button.dataset.done = "";
  if (label) label.textContent = words.copied;
  const end = () => {
    saying.delete(button);
    delete button.dataset.done;
    if (label) label.textContent = before;
  };
  saying.set(button, { before, timer: setTimeout(end, SHOWN_MS) });
}
