/** A fresh copy of the first element in `<template id>`: the same partial that the server renders with. */
export function fromTemplate(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

/** Data that the server put into the page as JSON. */
export function pageData(id) {
  const element = document.getElementById(id);
  return element ? JSON.parse(element.textContent) : null;
}

/** The named parts of an element, as it is now. Looked for once: afterwards there may be a long answer in
    it, and each search would go through all of it. */
export function partsOf(element) {
  const parts = new Map();
  for (const part of element.querySelectorAll("[data-part]")) {
    if (!parts.has(part.dataset.part)) parts.set(part.dataset.part, part);
  }
  return (name) => parts.get(name) ?? null;
}
