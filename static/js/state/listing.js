// The list of conversations: newest first, pinned ones before, in groups by day. Pure.

const DAY = 86_400_000;

function newestFirst(a, b) {
  if (a.updated_at !== b.updated_at) return a.updated_at < b.updated_at ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}

/** The list with these conversations in it, each once, as last heard. Archived ones are not shown. */
export function withConversations(list, conversations) {
  const byId = new Map(list.map((item) => [item.id, item]));
  for (const one of conversations) {
    if (one.archived) byId.delete(one.id);
    else byId.set(one.id, one);
  }
  return [...byId.values()].sort(newestFirst);
}

export function withoutConversation(list, id) {
  return list.filter((item) => item.id !== id);
}

/** `[{name, items}]` for `words[name]`; days are the reader's own. */
export function grouped(list, now = new Date()) {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const groups = { pinned: [], today: [], yesterday: [], week: [], older: [] };
  for (const item of list) groups[groupOf(item, midnight)].push(item);
  return Object.entries(groups)
    .filter(([, items]) => items.length)
    .map(([name, items]) => ({ name, items }));
}

function groupOf(item, midnight) {
  if (item.pinned) return "pinned";
  const at = Date.parse(item.updated_at);
  if (at >= midnight) return "today";
  if (at >= midnight - DAY) return "yesterday";
  return at >= midnight - 7 * DAY ? "week" : "older";
}
