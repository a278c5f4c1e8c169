import { put } from "./changes.js";

/** The children of `parent` become those of `items`, in their order: each is made once, shown anew, and
    moved only where it stands wrong, so that focus and scrolling stay. */
export function arrange(parent, items, { key, make, show }) {
  const held = new Map([...parent.children].map((element) => [element.dataset.key, element]));
  let before = null;
  for (const item of items) {
    const id = key(item);
    const element = held.get(id) ?? make(item);
    held.delete(id);
    put(element, "data-key", String(id));
    show(element, item);
    const next = before ? before.nextElementSibling : parent.firstElementChild;
    if (next !== element) parent.insertBefore(element, next);
    before = element;
  }
  for (const element of held.values()) element.remove();
}
