// How a field behaves in which a message is written.

export const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");

// A thumb has no Shift: there Enter breaks the line and the button sends.
const THUMB = window.matchMedia("(pointer: coarse) and (hover: none)");

export function isForThumbs() {
  return THUMB.matches;
}

/** Whether this key press sends. While an input method composes, Enter chooses a word (keyCode 229 where
    isComposing is late). */
export function sends(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return false;
  return !isForThumbs() || event.ctrlKey || event.metaKey;
}
