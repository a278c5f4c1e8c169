// What one writes on its way to the server: at once in the thread, in the outbox until it is acknowledged.
import { newId } from "../lib/ids.js";
import { LEAVING_MS, isLeaving, wasReloaded } from "../lib/leaving.js";
import { keepStart, startOf } from "../lib/start.js";
import { tab } from "../lib/tab.js";
import { words } from "../lib/words.js";
import { withConversations } from "../state/listing.js";
import { MOST_TRIES, isBusy, isHeld } from "../state/queue.js";
import { detailOf } from "../state/setup.js";
import * as threads from "../state/thread.js";
import { api } from "./api.js";
import { outbox } from "./outbox.js";
import { setupOfThis } from "./setup.js";
import { TooLong } from "./socket.js";

const PATIENCE_MS = 3000; // before asking a server again that could not be reached
const STALE_MS = 600_000; // what a tab left unsent for so long is not sent without asking

export class Sending {
  constructor(chat) {
    this.chat = chat;
  }

  /** Out as soon as there is a line; behind an answer that is being written it waits in the queue. */
  send({ text, images, files, asks = null }) {
    const { model, thread, queue } = this.chat;
    const options = { ...(model && { model }), ...(images.length && { detail: detailOf(setupOfThis(this.chat)) }) };
    const message = { text, images, files, options, ...(asks && { asks }), ...this.beginning() };
    const waits = isBusy(thread) || (queue.entries.length > 0 && !isHeld(thread));
    if (waits) queue.add(message);
    else this.dispatch(this.entry(message));
  }

  /** What a new conversation begins with. */
  beginning() {
    const { conversation, temporary, user } = this.chat;
    if (conversation) return {};
    return { start: startOf(user.id), ...(temporary && { temporary: true }) };
  }

  /** One's own message, put differently: an answer that is being written makes way for the new one. */
  edit(message, { text, images, files }) {
    this.dispatch(this.entry({ edits: message.id, text, images, files }));
  }

  entry(message) {
    const { conversation, user } = this.chat;
    return { id: newId(), at: Date.now(), user: user.id, conversation: conversation?.id ?? null, ...message };
  }

  async dispatch(entry) {
    const { chat } = this;
    const { sentence: _sentence, tries: _tries, notBefore: _notBefore, there: _there, ...again } = entry;
    const { id, conversation, ...written } = again;
    outbox.put({ ...written, id, conversation });
    const show = threads[entry.edits ? "edited" : "sent"];
    if (chat.shows(conversation)) chat.become(show(chat.thread, { id, ...written }));
    try {
      if (this.chat.turned) await this.turned();
      this.arrived(entry, await this.deliver(frameOf(entry)));
    } catch (error) {
      this.notSent(entry, error);
    }
  }

  /** What was written under a branch that the page could not turn to is not sent to another by itself. */
  async turned() {
    try {
      await this.chat.turned;
    } catch ({ message }) {
      throw new Error(message);
    }
  }

  /** What is too long for the line goes by HTTP, which keeps the same ids. */
  async deliver(frame) {
    try {
      return await this.chat.line.request(frame, { durable: true });
    } catch (error) {
      if (!(error instanceof TooLong)) throw error;
    }
    const { type, id, ...question } = frame;
    const door = type === "message.edit" ? "edits" : "messages";
    const ack = await api.post(door, question, { "Idempotency-Key": id });
    return { ack, again: true }; // this line does not follow a new conversation yet
  }

  arrived(entry, { ack, again }) {
    const { chat } = this;
    const { id, user, conversation } = entry;
    if (conversation === null && isLeaving()) outbox.put({ ...entry, there: true });
    else outbox.remove(user, id);
    chat.listed(withConversations(chat.listing, [ack.conversation]));
    if (!chat.shows(conversation)) return;
    const isNew = chat.conversation === null;
    chat.become(threads.acked(chat.thread, id, ack));
    if (isNew) keepStart(user, null);
    if (isNew) chat.tell("arrived");
    if (again || chat.thread.stale) chat.open();
  }

  /** What another tab was faster with waits again; what had no way out goes when there is one; what was refused
      stands there with the reason. Who is signed out finds it sent after signing in. */
  notSent(entry, error) {
    const { chat } = this;
    if (error.code === "not_logged_in") return;
    if (error.code === "unreachable") return this.whenThereIsALine(() => this.dispatch(entry));
    if (error.code === "conflict" && !entry.edits && (entry.tries ?? 0) < MOST_TRIES) return this.queueAgain(entry);
    outbox.put({ ...entry, sentence: error.message });
    chat.become(threads.refused(chat.thread, entry.id, error.message));
    chat.askAgain();
  }

  queueAgain(entry) {
    const { chat } = this;
    chat.queue.putBack(entry);
    outbox.remove(entry.user, entry.id);
    chat.become(threads.withdrawn(chat.thread, entry.id));
    chat.refresh();
  }

  whenThereIsALine(work) {
    const { line } = this.chat;
    if (line.state === "open") setTimeout(work, PATIENCE_MS);
    else line.addEventListener("ready", work, { once: true });
  }

  /** What an earlier look of this tab, or a tab that is gone, sent and had no answer for. */
  resume() {
    const { chat } = this;
    for (const entry of outbox.of(chat.user.id)) {
      if (entry.there && !this.isWaitedFor(entry)) {
        outbox.remove(entry.user, entry.id);
        continue;
      }
      const isOld = entry.tab !== tab.id && Date.now() - entry.at > STALE_MS;
      const sentence = entry.sentence ?? (isOld ? words.leftUnsent : null);
      if (!sentence) this.dispatch(entry);
      else if (chat.shows(entry.conversation)) {
        outbox.put({ ...entry, sentence });
        chat.become(threads.refused(threads.sent(chat.thread, entry), entry.id, sentence));
      }
    }
  }

  /** A first question that arrived when its page was being reloaded, which has no address of it: the same id
      again, and its conversation is shown. */
  isWaitedFor({ tab: of, at }) {
    return of === tab.id && wasReloaded() && this.chat.shows(null) && Date.now() - at < LEAVING_MS;
  }

  /** The same id again: a refusal is not remembered, and what did arrive is not done twice. */
  retry(id) {
    const { conversation, user } = this.chat;
    const entry = outbox.of(user.id).find((one) => one.id === id) ?? this.shownAs(id);
    if (entry) this.dispatch({ ...entry, conversation: entry.conversation ?? conversation?.id ?? null });
  }

  /** What storage had no room for is in the thread still. */
  shownAs(id) {
    const { state: _state, message: _message, ...entry } = this.chat.thread.pending.find((one) => one.id === id) ?? {};
    return entry.id ? entry : null;
  }

  /** Take back what was refused. Returns what was written. */
  withdraw(id) {
    const { chat } = this;
    const pending = chat.thread.pending.find((one) => one.id === id);
    outbox.remove(chat.user.id, id);
    chat.become(threads.withdrawn(chat.thread, id));
    return pending;
  }
}

function frameOf({ id, conversation, edits, text, images, files = [], options, asks, start, temporary }) {
  const said = { text, images: images.map((one) => one.id), files: files.map((one) => one.id) };
  if (edits) return { type: "message.edit", id, message: edits, ...said };
  const begins = conversation === null && { ...(start && { start }), ...(temporary && { temporary }) };
  return { type: "message.send", id, conversation, parent: null, ...said, options, ...(asks && { asks }), ...begins };
}
