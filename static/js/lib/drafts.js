// What is typed and not yet sent, for each person, conversation and tab: two tabs of one conversation keep
// what was typed in each. It outlives reloads and sign-outs.
import { kept, keptInThisTab } from "./store.js";
import { tab } from "./tab.js";

const PREFIX = "draft:";
const SWEPT = [PREFIX, "outbox:", "queue:"];
const KEEP_DAYS = 30;
const DAY = 86_400_000;
const NOTHING = { text: "", images: [], files: [], pasted: [], lost: [] };

function place(user, conversation, id = "") {
  return `${PREFIX}${user}:${conversation ?? "new"}:${id}`;
}

/** This tab's own, or else the newest that a tab left behind which is gone; that moves here. */
export function draftOf(user, conversation, me = tab, store = kept) {
  const mine = place(user, conversation, me.id);
  const own = store.read(mine);
  if (own) return { ...NOTHING, ...own };
  const left = leftBehind(place(user, conversation), me, store);
  if (!left) return NOTHING;
  if (store.write(mine, left.draft)) store.remove(left.key);
  return { ...NOTHING, ...left.draft };
}

function leftBehind(prefix, me, store) {
  const found = store
    .keys(prefix)
    .filter((key) => me.isGone(key.slice(prefix.length)))
    .map((key) => ({ key, draft: store.read(key) }));
  return found.filter(({ draft }) => draft).sort((one, other) => other.draft.at - one.draft.at)[0];
}

/** What somebody typed into a page of which the scripts did not come, once. */
export function earlyText(user, path, store = keptInThisTab) {
  const key = `unsent:${user}:${path}`;
  const text = store.read(key);
  store.remove(key);
  return typeof text === "string" ? text : "";
}

/** `pasted` are texts whose upload is not done, `lost` the names of other files of which that is true. */
export function keepDraft(user, conversation, written, me = tab, store = kept) {
  const { text, images, files, pasted = [], lost = [] } = written;
  const mine = place(user, conversation, me.id);
  if (!text && [images, files, pasted, lost].every((list) => !list.length)) return store.remove(mine);
  store.write(mine, { text, images, files, pasted, lost, at: Date.now() });
}

/** The conversation is gone: what was typed for it is for the next new one, behind what waits there already. */
export function draftGoesOn(user, conversation, me = tab, store = kept) {
  const [waiting, left] = [null, conversation].map((one) => draftOf(user, one, me, store));
  const lists = ["images", "files", "pasted", "lost"].map((name) => [name, [...waiting[name], ...left[name]]]);
  const text = [waiting.text, left.text].filter(Boolean).join("\n\n");
  keepDraft(user, null, { text, ...Object.fromEntries(lists) }, me, store);
  keepDraft(user, conversation, NOTHING, me, store);
}

/** Forget drafts, and what was never sent, that nobody came back for. */
export function sweepDrafts(now = Date.now(), store = kept) {
  for (const key of SWEPT.flatMap((prefix) => store.keys(prefix))) {
    if (now - (store.read(key)?.at ?? 0) > KEEP_DAYS * DAY) store.remove(key);
  }
}
