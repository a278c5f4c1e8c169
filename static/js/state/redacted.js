// An administrator has taken the words of a message away. Pure.
import { counted } from "./answer.js";

/** The message as it stands now; summaries below it were made of its words, and are gone, too. */
export function redacted(thread, message) {
  const at = thread.messages.findIndex((one) => one.id === message.id);
  if (at < 0) return thread;
  const messages = thread.messages.map((one, nth) => {
    if (nth === at) return counted(message);
    return nth > at && one.summary ? { ...one, summary: null } : one;
  });
  return { ...thread, messages };
}
