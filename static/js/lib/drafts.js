// What is typed and not yet sent, for each person and conversation; it outlives reloads and sign-outs.

const PREFIX = "draft:";
const KEEP_DAYS = 30;
const DAY = 86_400_000;

function store() {
  try {
    return window.localStorage;
  } catch {
    return null; // storage is forbidden in this browser: drafts live as long as the page
  }
}

function key(user, conversation) {
  return `${PREFIX}${user}:${conversation ?? "new"}`;
}

export function draftOf(user, conversation) {
  try {
    return JSON.parse(store()?.getItem(key(user, conversation))) ?? { text: "", images: [] };
  } catch {
    return { text: "", images: [] };
  }
}

export function keepDraft(user, conversation, { text, images }) {
  const place = key(user, conversation);
  try {
    if (!text && !images.length) store()?.removeItem(place);
    else store()?.setItem(place, JSON.stringify({ text, images, at: Date.now() }));
  } catch {
    // Full: the draft stays in the page, which is where it was typed.
  }
}

/** Forget drafts that nobody came back for. */
export function sweepDrafts(now = Date.now()) {
  const place = store();
  if (!place) return;
  for (const name of Object.keys(place).filter((name) => name.startsWith(PREFIX))) {
    let at = 0;
    try {
      at = JSON.parse(place.getItem(name)).at ?? 0;
    } catch {
      at = 0;
    }
    if (now - at > KEEP_DAYS * DAY) place.removeItem(name);
  }
}
