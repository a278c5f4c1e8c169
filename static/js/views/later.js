// What is fetched when it is first needed. A fetch that failed is tried again by the next who needs it.

const coming = new Map();

function once(name, fetch) {
  if (!coming.has(name)) {
    coming.set(name, fetch().catch((error) => {
      coming.delete(name);
      throw error;
    }));
  }
  return coming.get(name);
}

/** Where the page says that a thing is: `<template id="later" data-katex-css="…">`. */
function addressOf(name) {
  return document.getElementById("later").dataset[name];
}

function sheet(href) {
  return new Promise((resolve, reject) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: resolve, onerror: reject });
    document.head.append(link);
  });
}

export const highlighter = () => once("highlight", async () => (await import("highlight.js")).default);

export const katex = () =>
  once("katex", async () => {
    const [library] = await Promise.all([import("katex"), sheet(addressOf("katexSheet"))]);
    return library.default;
  });

/** What shows pictures on the whole screen. */
export const looking = () =>
  once("looking", async () => {
    const { sheet: href } = document.getElementById("looking").content.firstElementChild.dataset;
    const [script] = await Promise.all([import("looking"), sheet(href)]);
    return script;
  });

export { addressOf };

// Work that may wait until nothing else is to be done. Tests wait for all of it.
const waiting = new Set();

export function whenIdle(work) {
  const done = new Promise((resolve) => {
    const run = () => Promise.resolve().then(work).catch(() => {}).finally(resolve);
    if (window.requestIdleCallback) requestIdleCallback(run, { timeout: 1000 });
    else setTimeout(run, 50);
  });
  waiting.add(done);
  done.finally(() => waiting.delete(done));
}

export async function allDone() {
  while (waiting.size) await Promise.all(waiting);
}
