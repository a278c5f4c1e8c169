// `&copy;` is ©. The browser knows all two thousand names; it is asked in a document that is none.

const ENTITY = /&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,31});/g;
const known = new Map();

function meaning(entity) {
  if (!known.has(entity)) {
    const inert = new DOMParser().parseFromString(`<!doctype html><body>${entity}`, "text/html");
    known.set(entity, inert.body.textContent);
  }
  return known.get(entity);
}

export function decoded(text) {
  return text?.includes("&") ? text.replace(ENTITY, meaning) : text;
}
