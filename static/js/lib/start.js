// What a conversation that does not exist yet is to start with: kept like a draft, until its first message.
import { kept } from "./store.js";

const PREFIX = "start:";

/** {system_prompt, options}, or null when nothing was chosen. */
export function startOf(user) {
  return kept.read(PREFIX + user);
}

export function keepStart(user, start) {
  if (start) kept.write(PREFIX + user, start);
  else kept.remove(PREFIX + user);
}
