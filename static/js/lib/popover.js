// The browser closes a popover by itself when one presses beside it, also on the button that opened it: by the
// time of the click it is closed, and would open again. So who toggles asks how it was before.
let open = [];

const note = () => (open = [...document.querySelectorAll(":popover-open")]);
document.addEventListener("pointerdown", note, { capture: true });

/** Whether it was open when the button was pressed. A click without a pointer closes nothing by itself. */
export function wasOpen(element, click) {
  return click.detail ? open.includes(element) : element.matches(":popover-open");
}
