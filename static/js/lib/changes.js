// What is on the page is touched only where it changes. A browser that is told what it already knows finds
// the styles anew of all that is inside, and many elements are told in every frame.

export function hide(element, isHidden) {
  if (element.hidden !== isHidden) element.hidden = isHidden;
}

export function put(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export function say(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
