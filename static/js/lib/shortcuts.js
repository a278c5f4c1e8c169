// Every shortcut of the page that is not a field's own. A name, the keys, and what on the page is pressed by it.
// By what is typed, so that it holds on every layout; where that is no Latin letter, by the key's place.
const SHORTCUTS = [
  { name: "list", key: "?", typed: true },
  { name: "list", key: "/", mod: true },
  { name: "new", key: "o", mod: true, shift: true },
  { name: "write", key: "Escape", shift: true },
  { name: "shelf", key: "s", mod: true, shift: true },
  { name: "copy", key: "c", mod: true, shift: true },
  { name: "code", key: ";", mod: true, shift: true },
  { name: "remove", key: "Backspace", mod: true, shift: true },
];

const CODES = { o: "KeyO", s: "KeyS", c: "KeyC", ";": "Semicolon" };
const LATIN = /^[\x20-\x7e]$/;

/** The name of the shortcut that a keydown is, or null. `typing`: its target takes text. */
export function shortcut(event, typing) {
  if (event.isComposing || event.altKey || event.repeat) return null;
  return SHORTCUTS.find((one) => isPressed(one, event, typing))?.name ?? null;
}

function isPressed({ key, typed, mod = false, shift = false }, event, typing) {
  if (typed) return !typing && event.key === key && !event.ctrlKey && !event.metaKey;
  if ((event.ctrlKey || event.metaKey) !== mod) return false;
  if (mod && !shift) return event.key === key; // on some layouts / itself needs Shift
  return event.shiftKey === shift && isKey(key, event);
}

/** On a German keyboard ; is typed with Shift and the comma's key; the key beside L is Ö there. */
function isKey(key, event) {
  return event.key.toLowerCase() === key.toLowerCase() || (!LATIN.test(event.key) && event.code === (CODES[key] ?? null));
}

export const isMac = (platform) => /Mac|iPhone|iPad/.test(platform);
