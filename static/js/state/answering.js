// Which conversations are being answered, and which were answered while nobody looked on. Pure.

export const QUIET = { running: new Set(), unread: new Set() };

/** `answering` of `conversation` as just heard; `isOpen`: it is in front of the reader. */
export function heard({ running, unread }, { conversation, answering }, isOpen) {
  const ended = !answering && running.has(conversation);
  return {
    running: changed(running, conversation, answering),
    unread: changed(unread, conversation, !isOpen && !answering && (ended || unread.has(conversation))),
  };
}

/** All that are being answered now, after a time without a line. What ended meanwhile is unread. Of what was
    `told` while the list was on its way the list knows nothing better. */
export function caughtUp({ running, unread }, ids, open, told = new Set()) {
  const now = new Set([...ids.filter((id) => !told.has(id)), ...[...running].filter((id) => told.has(id))]);
  const ended = [...running].filter((id) => !now.has(id) && id !== open);
  return { running: now, unread: new Set([...unread, ...ended]) };
}

function changed(set, id, isIn) {
  if (set.has(id) === Boolean(isIn)) return set;
  const next = new Set(set);
  if (isIn) next.add(id);
  else next.delete(id);
  return next;
}
