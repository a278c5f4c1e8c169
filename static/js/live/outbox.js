// Messages that were sent and not yet acknowledged, kept through a reload of this tab. Each entry:
// {id, user, conversation, text, images, options, sentence?}; with a sentence it was refused.

const KEY = "outbox";

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? [];
  } catch {
    return [];
  }
}

function write(entries) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(entries));
  } catch {
    // Full or forbidden: the message is still on its way, only a reload would lose sight of it.
  }
}

export const outbox = {
  of: (user) => read().filter((entry) => entry.user === user),
  put: (entry) => write([...read().filter((other) => other.id !== entry.id), entry]),
  remove: (id) => write(read().filter((entry) => entry.id !== id)),
};
