const A_MOMENT_MS = 30;

/** Do it when the browser has nothing better to do; Safari does not say when that is. */
export function whenIdle(work) {
  if (window.requestIdleCallback) window.requestIdleCallback(work);
  else setTimeout(work, A_MOMENT_MS);
}
