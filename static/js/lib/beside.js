const GAP_PX = 4;

/** Put an element of the top layer below what has this rectangle, or above it where there is no room; never
    off the screen. */
export function putBeside(element, beside) {
  const { offsetWidth: width, offsetHeight: height, style } = element;
  const below = beside.bottom + GAP_PX;
  const top = below + height < window.innerHeight ? below : beside.top - GAP_PX - height;
  const start = document.dir === "rtl" ? beside.right - width : beside.left;
  style.top = `${Math.max(GAP_PX, top)}px`;
  style.left = `${Math.max(GAP_PX, Math.min(start, window.innerWidth - width - GAP_PX))}px`;
}
