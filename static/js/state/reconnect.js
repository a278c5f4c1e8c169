// When to try the line again. Pure.

/** Close codes of the wire contract. */
export const CLOSED = { restart: 1012, signedOut: 4401, slow: 4408, full: 4429 };

const FIRST_MS = 250;
const MOST_MS = 3000;
const FULL_MS = 20_000;
// A server that restarts loses all its tabs in one instant: they come back spread over this time.
const RESTART_MS = 1500;

/** Milliseconds to wait before attempt number `attempt` (from 0), or null: do not come back.
    The jitter keeps a thousand tabs from returning in the same instant. */
export function pause(attempt, code, random = Math.random) {
  if (code === CLOSED.signedOut) return null;
  if (code === CLOSED.full) return FULL_MS + random() * FULL_MS;
  if (code === CLOSED.restart) return FIRST_MS + random() * RESTART_MS;
  const most = Math.min(MOST_MS, FIRST_MS * 2 ** attempt);
  return most * (0.5 + random() / 2);
}
