// Whether this page is on its way out: the next one is being fetched, and what comes meanwhile is seen by nobody.
// The browser says when that begins, and nothing where somebody thought better of it: then it is over after a while.
export const LEAVING_MS = 30_000;

let since = -Infinity;
globalThis.addEventListener?.("beforeunload", () => (since = Date.now()));

export function isLeaving() {
  return Date.now() - since < LEAVING_MS;
}

export function wasReloaded() {
  return globalThis.performance.getEntriesByType("navigation")[0]?.type === "reload";
}
