// Make the children of `place`, from number `from` on, the same as `fresh`, and touch only what differs:
// so a reader's selection in a growing paragraph stays.

export function patch(place, from, fresh) {
  let old = place.childNodes[from] ?? null;
  for (const wanted of [...fresh.childNodes]) {
    const next = old?.nextSibling ?? null;
    if (!old) place.append(wanted);
    else if (!made(old, wanted)) place.replaceChild(wanted, old);
    old = next;
  }
  while (old) {
    const next = old.nextSibling;
    old.remove();
    old = next;
  }
}

/** Whether `old` could be made the same as `wanted`. */
function made(old, wanted) {
  if (old.nodeType !== wanted.nodeType) return false;
  if (old.nodeType === Node.TEXT_NODE) return madeText(old, wanted.data);
  if (old.localName !== wanted.localName || old.source !== wanted.source || !sameAttributes(old, wanted)) return false;
  if (old.source === undefined) patch(old, 0, wanted); // else it is a formula, and may be drawn already
  return true;
}

function madeText(old, data) {
  if (data.startsWith(old.data)) {
    if (data.length > old.data.length) old.appendData(data.slice(old.data.length));
  } else old.data = data;
  return true;
}

function sameAttributes(one, other) {
  const names = other.getAttributeNames();
  if (one.source !== undefined) return true;
  return one.attributes.length === names.length && names.every((name) => one.getAttribute(name) === other.getAttribute(name));
}
