// Messages that wait until the answer before them has ended. Pure.
// Each: {id, user, at, conversation, text, images, files, options, tries?, notBefore?}
import { activeRun } from "./thread.js";

// As often a message is put back because another tab was faster, until its sender is asked.
export const MOST_TRIES = 5;
const PAUSE_MS = 700;

const BROKEN = new Set(["stopped", "interrupted", "failed"]);

export function inOrder(entries) {
  return [...entries].sort((one, other) => one.at - other.at || (one.id < other.id ? -1 : 1));
}

/** Whether something is still to be waited for before the next message can be sent at all. */
export function isBusy(thread) {
  return Boolean(activeRun(thread)) || thread.asking || thread.pending.some((one) => one.state === "sending");
}

/** After an answer that was stopped or broke off, and after a message that was refused, nothing goes out by
    itself: what waits may make no sense any more. A person says "send now", or takes it back. */
export function isHeld(thread) {
  const last = thread.messages.at(-1);
  return BROKEN.has(last?.status) || thread.pending.some((one) => one.state === "unsent");
}

/** The message that may go out by itself now, or null. */
export function due(thread, entries, now = Date.now()) {
  const [head] = entries;
  if (!head || isBusy(thread) || isHeld(thread) || thread.stale || thread.deleted) return null;
  return (head.notBefore ?? 0) > now ? null : head;
}

/** Refused because an answer is being written that this tab had not heard of: it waits for that one, too. */
export function putBack(entry, now = Date.now()) {
  const tries = (entry.tries ?? 0) + 1;
  return { ...entry, tries, notBefore: now + PAUSE_MS * tries };
}
