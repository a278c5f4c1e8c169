// Which tab this is, and which ones are gone. What is typed in a tab is that tab's own, through reloads and
// sign-ins; when the tab is gone, whoever opens the same conversation finds it.
import { newId } from "./ids.js";
import { kept, keptInThisTab } from "./store.js";

const SIGN_EVERY_MS = 60_000;
// A tab that the browser put to sleep gives no sign. What is taken from it then is a copy of what it holds.
const GONE_MS = 10 * SIGN_EVERY_MS;

export class Tab {
  constructor(local = kept, session = keptInThisTab, now = Date.now) {
    Object.assign(this, { local, session, now });
    const known = session.read("tab");
    // "here" is taken away when a page leaves. Where it still stands, the browser has copied the tab.
    this.copied = known && session.read("here") ? known : null;
    this.id = (!this.copied && known) || newId();
  }

  arrive() {
    this.session.write("tab", this.id);
    this.session.write("here", true);
    this.sign();
    this.signs = setInterval(() => this.sign(), SIGN_EVERY_MS);
  }

  leave() {
    clearInterval(this.signs);
    this.session.remove("here");
    this.local.remove(`tab:${this.id}`);
  }

  sign() {
    this.local.write(`tab:${this.id}`, this.now());
  }

  /** Whether nobody is there any more who would finish what that tab began. */
  isGone(id) {
    if (id === this.id) return false;
    return id === this.copied || !(this.now() - this.local.read(`tab:${id}`) < GONE_MS);
  }
}

export const tab = new Tab();
