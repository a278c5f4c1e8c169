// What a conversation that does not exist yet is to start with: kept like a draft, until its first message.

const PREFIX = "start:";

/** {system_prompt, options}, or null when nothing was chosen. */
export function startOf(user) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + user));
  } catch {
    return null;
  }
}

export function keepStart(user, start) {
  try {
    if (start) localStorage.setItem(PREFIX + user, JSON.stringify(start));
    else localStorage.removeItem(PREFIX + user);
  } catch {
    // Storage is forbidden or full: the conversation starts as usual, and can be changed then.
  }
}
