// The list of conversations: pinned ones, folders, and the others by the day of their last word. Pure.

import { daysIn, monthOf } from "./days.js";

const NAMED = [["today", 0], ["yesterday", 1], ["week", 7], ["month", 30]]; // so many days ago at most

function newestFirst(a, b) {
  if (a.updated_at !== b.updated_at) return a.updated_at < b.updated_at ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}

/** Pinned ones stay where they were put: in the order of pinning. */
function inOrderOfPinning(a, b) {
  const [first, second] = [a.pinned_at ?? "", b.pinned_at ?? ""];
  if (first !== second) return first < second ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

/** What is archived or temporary is not listed. */
function isListed({ archived, expires_at: end }) {
  return !archived && !end;
}

/** The list with these conversations in it, each once, as last heard. */
export function withConversations(list, conversations) {
  const byId = new Map(list.map((item) => [item.id, item]));
  for (const one of conversations) {
    if (isListed(one)) byId.set(one.id, one);
    else byId.delete(one.id);
  }
  return [...byId.values()].sort(newestFirst);
}

export function withoutConversation(list, id) {
  return list.filter((item) => item.id !== id);
}

/** The list after a time without a line: the newest page is as the server has it now, what is older as it was. */
export function caughtUp(list, page, isAll) {
  const known = new Set(page.map((one) => one.id));
  const last = page.at(-1);
  const reaches = (one) => isAll || (last && newestFirst(one, last) < 0);
  return withConversations(list.filter((one) => known.has(one.id) || !reaches(one)), page);
}

/** `[{key, name, folder, items}]`: `words[name]` heads a group, or its folder's name; days are those of `zone`. */
export function grouped(list, folders = [], { now = new Date(), zone = "" } = {}) {
  const day = daysIn(zone);
  const today = day(now);
  const inFolders = new Map(folders.map((folder) => [folder.id, { key: `folder:${folder.id}`, folder, items: [] }]));
  const pinned = { key: "pinned", name: "pinned", items: [] };
  const days = new Map();
  for (const item of list) {
    if (item.pinned) pinned.items.push(item);
    else if (inFolders.has(item.folder)) inFolders.get(item.folder).items.push(item);
    else placed(days, item, today, day(new Date(item.updated_at)));
  }
  pinned.items.sort(inOrderOfPinning);
  const groups = [...(pinned.items.length ? [pinned] : []), ...inFolders.values(), ...days.values()];
  return groups.map((group) => ({ name: null, folder: null, month: null, ...group }));
}

function placed(days, item, today, day) {
  const group = groupOf(today - day, day);
  if (!days.has(group.key)) days.set(group.key, { ...group, items: [] });
  days.get(group.key).items.push(item);
}

function groupOf(ago, day) {
  const named = NAMED.find(([, days]) => ago <= days);
  if (named) return { key: named[0], name: named[0] };
  return { key: monthOf(day), month: monthOf(day) };
}

// Folders ------------------------------------------------------------------------------------------

export function withFolder(folders, folder) {
  const others = folders.filter((one) => one.id !== folder.id);
  return [...others, folder].sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1));
}

export function withoutFolder(folders, id) {
  return folders.filter((one) => one.id !== id);
}

/** What has to change of a conversation that is dropped on the group `key`; null: nothing. */
export function changesByDrop(conversation, key) {
  const { pinned, folder } = conversation;
  if (key === "pinned") return pinned ? null : { pinned: true };
  const wanted = key.startsWith("folder:") ? key.slice("folder:".length) : null;
  const changes = { ...(pinned && { pinned: false }), ...((folder ?? null) !== wanted && { folder: wanted }) };
  return Object.keys(changes).length ? changes : null;
}
