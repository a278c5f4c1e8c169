// What all controllers share: the open conversation, the list, the line, and what one can do with them.
import { newId } from "../lib/ids.js";
import { whenIdle } from "../lib/idle.js";
import { learn } from "../lib/names.js";
import { caughtUp, withConversations, withoutConversation } from "../state/listing.js";
import * as threads from "../state/thread.js";
import { api, toSignIn } from "./api.js";
import { Folders } from "./folders.js";
import { Queue } from "./queue.js";
import { reach } from "./reach.js";
import { Sending } from "./sending.js";
import { Line, LineLost } from "./socket.js";

const ASK_AGAIN_MS = 1000; // between two looks at what we do not understand
const PATIENCE_MS = 3000; // before asking a server again that could not answer

/** Events. What has changed: `thread`, `listing`, `queue`, `line`, `model`, `arrived` (a new address), `removed` and
    `archived` (what can be taken back), `restored`, `site` (its name and banner, as they are now). What is to be said: `trouble` (a sentence), `said` (the same
    to screen readers and in a note). What is to be shown: `goto` {id, quietly}, `going` (true while that is
    fetched), `bring` (a range), `find` (words), `openmenu`, `openfile`, `compare` (pictures side by side:
    {pictures, at}). What is to be sent: `dropped` (a drop of files), `usepicture` (one that is stored), `usefile` (one that is not),
    `attached` (other pictures stand above the field),
    `written` (another text in it), `ask` (a question about pictures, {text, kind, change}), `reckoned` (what those take: {tokens, cost}). What is to be written again: `recall` (a
    message), `editlast`, `unqueuelast`. */
export class Chat extends EventTarget {
  constructor(page, address) {
    super();
    this.user = page.user;
    this.preferences = page.preferences;
    this.models = page.models;
    learn(page.names);
    this.model = page.model;
    this.thread = threads.threadOf(page);
    this.pictures = []; // those that stand above the field
    this.limits = page.limits; // as old as the page: the line says them anew
    this.listing = withConversations([], page.listing);
    this.listingNext = page.listing_next;
    this.folders = new Folders(this, page);
    this.line = new Line(address);
    this.queue = new Queue(this);
    this.sending = new Sending(this);
  }

  start() {
    const on = (type, handler) => this.line.addEventListener(type, (event) => handler.call(this, event.detail));
    on("ready", this.welcomed);
    on("frame", this.heard);
    on("state", () => this.tell("line"));
    on("signedout", toSignIn);
    this.sending.resume();
    this.queue.start();
    this.folders.start();
    this.line.start();
  }

  stop() {
    this.queue.stop();
    this.folders.stop();
    this.line.stop();
  }

  get conversation() {
    return this.thread.conversation;
  }

  get run() {
    return threads.activeRun(this.thread);
  }

  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  become(thread) {
    if (thread === this.thread) return;
    this.thread = thread;
    this.tell("thread");
  }

  // The line ------------------------------------------------------------------------------------

  welcomed({ limits, site }) {
    this.tell("site", site);
    this.limits = { ...this.limits, ...limits };
    this.open();
    this.folders.looked();
    if (this.wasOpen) this.catchUp();
    else this.settle();
    this.wasOpen = true;
  }

  heard(frame) {
    if (frame.type === "conversation.updated") this.followModel(frame.conversation);
    if (frame.type === "site.updated") this.tell("site", frame.site);
    this.missed ||= threads.isOfAnother(this.thread, frame);
    this.become(threads.received(this.thread, frame));
    this.folders.heard(frame);
    if (frame.type === "conversation.updated") this.listed(withConversations(this.listing, [frame.conversation]));
    if (frame.type === "conversation.deleted") this.unlisted(frame.conversation.id ?? frame.conversation);
    this.askAgain();
  }

  /** Another tab has chosen another model for this conversation. */
  followModel(conversation) {
    if (conversation.id !== this.conversation?.id) return;
    const isNew = conversation.model !== this.conversation.model && conversation.model !== this.model;
    if (!isNew || !this.models.some((one) => one.id === conversation.model)) return;
    this.model = conversation.model;
    this.tell("model");
  }

  /** Ask for what we miss; one question at a time, and not again within the second. */
  askAgain() {
    if (this.thread.stale) this.refresh();
    else if (threads.hasGap(this.thread)) this.fill();
  }

  async fill() {
    if (this.filling) return;
    this.filling = true;
    await this.open();
    setTimeout(() => {
      this.filling = false;
      this.askAgain();
    }, ASK_AGAIN_MS);
  }

  /** Watch the conversation: what we do not hold yet follows. */
  async open() {
    if (!this.conversation || this.opening) return;
    this.opening = true;
    const { id } = this.conversation;
    const have = threads.holding(this.thread);
    try {
      const { ack } = await this.line.request({ type: "conversation.open", conversation: id, have });
      this.followModel(ack.conversation);
      this.become(threads.opened(this.thread, ack));
    } catch (error) {
      this.notOpened(error);
    } finally {
      this.opening = false;
    }
    if (this.thread.stale) this.refresh();
  }

  /** A line that broke opens again by itself; a server that cannot answer now is asked again. */
  notOpened(error) {
    if (error.code === "not_found") return this.become({ ...this.thread, deleted: true });
    if (error instanceof LineLost) return;
    this.tell("trouble", error.message);
    clearTimeout(this.opensAgain);
    this.opensAgain = setTimeout(() => this.open(), PATIENCE_MS);
  }

  /** Ask for the branch as it is now, and then for the rest of what runs. */
  async refresh() {
    if (this.refreshing || !this.conversation) return;
    this.refreshing = true;
    let pause = ASK_AGAIN_MS;
    this.missed = false;
    try {
      const page = await api.get(`conversations/${this.conversation.id}/messages`);
      // The page may be older than what was said of a message that we did not have yet.
      this.become({ ...threads.refreshed(this.thread, page), stale: this.missed });
      await this.open();
    } catch (error) {
      if (error.code === "not_found") this.become({ ...this.thread, deleted: true });
      pause = PATIENCE_MS;
    }
    setTimeout(() => {
      this.refreshing = false;
      if (this.line.state === "open") this.askAgain(); // else a new line does
    }, pause);
  }

  // Answers -------------------------------------------------------------------------------------

  shows(conversation) {
    return (this.conversation?.id ?? null) === conversation;
  }

  /** Another answer to the same question; another model stays chosen. */
  regenerate(id, model = this.model) {
    if (model !== this.model) {
      this.model = model;
      this.tell("model");
    }
    return this.begin({ type: "message.regenerate", message: id, options: model ? { model } : {} });
  }

  /** Let the model go on with an answer that broke off. */
  goOn(id) {
    return this.begin({ type: "message.continue", message: id });
  }

  async begin(command) {
    this.become({ ...this.thread, asking: true });
    try {
      if (this.turned) await this.turned;
      const { ack, again } = await this.line.request({ ...command, id: newId() }, { durable: true });
      this.become(threads.acked({ ...this.thread, asking: false }, null, ack));
      if (again || this.thread.stale) this.open();
    } catch (error) {
      this.become({ ...this.thread, asking: false });
      this.tell("trouble", error.message);
      this.refresh();
    }
  }

  /** Show another version of a message, with what followed it. The other tabs follow. */
  async turnTo(id) {
    try {
      await this.turning(() => this.showThrough(id));
    } catch (error) {
      this.tell("trouble", error.message);
      this.refresh();
    }
  }

  async showThrough(id) {
    await this.showBranch(await api.get(`conversations/${this.conversation.id}/messages?through=${id}`));
  }

  /** One turn after the other. What is sent meanwhile waits for `turned`: the server, which would put it under
      the branch that it still takes for the active one, has to turn first. */
  turning(work) {
    const turned = Promise.resolve(this.turned).catch(() => {}).then(work);
    const over = () => {
      if (this.turned === turned) this.turned = null;
    };
    turned.then(over, over);
    this.turned = turned;
    return turned;
  }

  /** The last page of a branch, which is the active one from now on. What we know of the active one may be older:
      a title that comes late tells what was true before. */
  async showBranch(page) {
    const { id } = this.conversation;
    const shown = this.thread.messages.at(-1)?.id;
    const end = page.items.at(-1).id;
    this.become(threads.refreshed(this.thread, page));
    if (end === shown) return;
    await this.change(id, { active_message: end });
    this.open();
  }

  async halt() {
    const { run } = this;
    if (!run) return;
    try {
      await this.line.request({ type: "run.stop", run: run.id });
    } catch {
      await api.post(`runs/${run.id}/stop`).catch((error) => this.tell("trouble", error.message));
    }
  }

  // Reading -------------------------------------------------------------------------------------

  /** The page above what we hold. Whoever asks while it is on its way waits for the same. */
  older(limit = 50) {
    const from = this.thread.next;
    if (this.reading?.from !== from) this.reading = { from, done: this.readOlder(from, limit) };
    return this.reading.done;
  }

  /** Not when another branch is shown by then: it has other messages there. */
  async readOlder(from, limit) {
    if (!from) return;
    const place = `cursor=${encodeURIComponent(from)}&limit=${limit}`;
    try {
      const page = await api.get(`conversations/${this.conversation.id}/messages?${place}`);
      if (from === this.thread.next) this.become(threads.withOlder(this.thread, page));
    } catch (error) {
      this.tell("trouble", error.message);
    }
    if (this.reading?.from === from) this.reading = null;
  }

  /** Bring a message of this conversation before the reader, on whatever branch or page it is. */
  async goTo(id, { quietly = false } = {}) {
    this.tell("going", true);
    try {
      if (await reach(this, id)) this.tell("goto", { id, quietly });
    } catch (error) {
      this.tell("trouble", error.message);
    } finally {
      this.tell("going", false);
    }
  }

  /** The next page of the list; false when there is no more. */
  async moreListing() {
    if (!this.listingNext) return false;
    const { items, next } = await api.get(`conversations?cursor=${encodeURIComponent(this.listingNext)}`);
    this.listingNext = next;
    this.listed(withConversations(this.listing, items));
    return next !== null;
  }

  // Keeping -------------------------------------------------------------------------------------

  async change(id, changes) {
    const conversation = await api.patch(`conversations/${id}`, changes);
    this.become(threads.received(this.thread, { type: "conversation.updated", conversation }));
    this.listed(withConversations(this.listing, [conversation]));
  }

  /** `one` is told to whoever offers to take it back. */
  async remove(id, one) {
    await api.delete(`conversations/${id}`);
    this.tell("removed", one ?? { id });
    this.unlisted(id);
  }

  async restore(id) {
    const conversation = await api.post(`conversations/${id}/restore`);
    this.tell("restored");
    this.listed(withConversations(this.listing, [conversation]));
  }

  /** The line is there for the first time: between the page and the line nobody told us anything. */
  settle() {
    this.folders.settle();
    whenIdle(() => this.catchUp({ folders: false }));
  }

  /** What the list has missed while there was no line. Asked again where it changed meanwhile: what was asked for
      may be older than that. */
  async catchUp({ folders = true } = {}) {
    const { listing } = this;
    try {
      const { items, next } = await api.get("conversations");
      if (folders) await this.folders.catchUp();
      if (this.listing === listing) this.listed(caughtUp(listing, items, next === null));
      else await this.catchUp({ folders: false });
    } catch {
      // The next line asks again.
    }
  }

  async choose(model) {
    this.model = model;
    this.tell("model");
    api.patch("me", { preferences: { model } }).catch(() => {}); // only what the next one starts with
    if (!this.conversation) return;
    await this.change(this.conversation.id, { model }).catch((error) => this.tell("trouble", error.message));
  }

  listed(listing) {
    this.listing = listing;
    this.tell("listing");
  }

  unlisted(id) {
    this.listed(withoutConversation(this.listing, id));
    if (this.conversation?.id === id) this.become({ ...this.thread, deleted: true });
  }
}
