/** Notes what of a list of `.entry` has the focus; what is returned gives it back after the list was drawn anew,
    also when the entry now stands elsewhere. Where it has gone, the one in its place gets it. Who points
    and does not type is not scrolled away for it. */
export function focusIn(list) {
  const { activeElement } = document;
  if (!list.contains(activeElement)) return () => {};
  const entry = activeElement.closest(".entry");
  const at = entriesOf(list).indexOf(entry);
  const part = activeElement.matches("a") ? "a" : "button";
  const preventScroll = !activeElement.matches(":focus-visible");
  return () => {
    if (document.activeElement === activeElement) return;
    if (list.contains(activeElement)) return activeElement.focus({ preventScroll });
    const now = entriesOf(list);
    const next = now.find((one) => one.dataset.key === entry?.dataset.key) ?? now[Math.min(at, now.length - 1)];
    next?.querySelector(part).focus({ preventScroll });
  };
}

function entriesOf(list) {
  return [...list.querySelectorAll(".entry")];
}
