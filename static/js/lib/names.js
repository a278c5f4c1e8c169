// A model has one name wherever people look.
const names = new Map();

export function learn(known) {
  for (const [id, name] of Object.entries(known)) names.set(id, name);
}

/** Of one that this page has not heard of, its id. */
export function nameOf(id) {
  return names.get(id) ?? id ?? "";
}
