// How a field behaves in which a message is written.

export const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");

// A thumb has no Shift: there Enter breaks the line and the button sends.
const THUMB = window.matchMedia("(pointer: coarse) and (hover: none)");

export function isForThumbs() {
  return THUMB.matches;
}

/** Back to where one writes, when what had the focus has gone. Under a thumb that would call up the keyboard. */
export function toField() {
  if (!isForThumbs()) document.getElementById("message")?.focus({ preventScroll: true });
}

/** Of HEIC a phone makes a JPEG by itself, as long as nobody asks for it; elsewhere it is chosen as it is. */
export function acceptHeic(input) {
  if (!isForThumbs()) input.accept += ",image/heic,image/heif,.heic,.heif";
}

/** Whether an input method has this key: Enter chooses a word then, and Esc lets go of it. Where a browser tells
    the end of a composition before its key, the number says it. */
export function isComposing({ isComposing: is, keyCode }) {
  return Boolean(is) || keyCode === 229;
}

/** Whether this key press sends. */
export function sends(event) {
  if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return false;
  return !isForThumbs() || event.ctrlKey || event.metaKey;
}
