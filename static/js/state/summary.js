// Which summary holds. A message may have one: models read it in place of that message and all above it, so
// of several on a branch only the last is shown. Pure.

/** All but the last summary are taken off; the same list when there is nothing to do. */
export function oneSummary(messages) {
  const last = messages.findLastIndex((message) => message.summary);
  if (last < 0 || !messages.slice(0, last).some((message) => message.summary)) return messages;
  return messages.map((message, at) => (at < last && message.summary ? { ...message, summary: null } : message));
}

/** What stands at a message from now on, null: nothing. */
export function summarised(thread, id, summary) {
  if (!thread.messages.some((message) => message.id === id)) return thread;
  const messages = thread.messages.map((message) => (message.id === id ? { ...message, summary } : message));
  return { ...thread, messages: oneSummary(messages) };
}
