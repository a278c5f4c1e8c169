import { copy } from "../lib/copy.js";
import { Controller } from "../lib/controllers.js";
import { dayAndTime } from "../lib/moments.js";
import { words } from "../lib/words.js";
import { api } from "../live/api.js";

/** The dialog with a conversation's link, and the menu's ways to take one along. */
export class Keeping extends Controller {
  connect() {
    for (const name of ["images", "name"]) {
      this.on(this.part(name), "change", ({ target }) => this.set({ [name]: target.checked }));
    }
    this.on(this.part("ends"), "change", ({ target }) => target.value && this.set({ ends: target.value }));
    this.on(this.part("address"), "focus", ({ target }) => target.select());
  }

  // The link --------------------------------------------------------------------------------------

  async share(_event, trigger) {
    this.conversation = this.chosen(trigger);
    if (!this.conversation) return;
    this.link = this.busy = null;
    this.show(null);
    this.choose(null);
    this.element.showModal();
    this.looking = this.attempt(async () => {
      const { items } = await api.get(`shares?conversation=${encodeURIComponent(this.conversation)}`);
      return items[0] ?? null;
    });
  }

  /** Whether there is a link already may not be known yet: a click waits for that, and is not lost. */
  async make() {
    const { conversation } = this;
    await this.looking;
    if (this.link || conversation !== this.conversation) return;
    const asked = { images: this.part("images").checked, name: this.part("name").checked };
    const ends = this.part("ends").value || "never";
    await this.attempt(() => api.post("shares", { conversation, ...asked, ends }));
  }

  set(changes) {
    if (this.link) this.attempt(() => api.patch(`shares/${this.link.id}`, changes));
  }

  update() {
    return this.attempt(() => api.patch(`shares/${this.link.id}`, { update: true }));
  }

  withdraw() {
    return this.attempt(() => api.delete(`shares/${this.link.id}`));
  }

  copyLink(_event, trigger) {
    copy(this.link.url, trigger);
  }

  close() {
    this.element.close();
  }

  /** One thing at a time. What comes back is the link as it stands then, or null; what was asked for another
      conversation, before the dialog was opened for this one, says nothing here. */
  async attempt(what) {
    if (this.busy) return;
    const mine = (this.busy = {});
    try {
      const link = await what();
      if (this.busy === mine) this.show(link);
    } catch (error) {
      if (this.busy === mine) this.failed(error);
    } finally {
      if (this.busy === mine) this.busy = null;
    }
  }

  /** Nothing has changed, and the boxes do not pretend that it has. */
  failed({ message }) {
    if (this.link) this.choose(this.link);
    this.tell(message);
  }

  tell(sentence) {
    this.part("problem").textContent = sentence;
    this.part("problem").hidden = !sentence;
  }

  show(link) {
    const before = this.link;
    this.link = link;
    this.tell("");
    this.part("link").hidden = !link?.url;
    this.part("address").value = link?.url ?? "";
    this.part("make").hidden = Boolean(link);
    this.part("withdraw").hidden = !link;
    this.part("update").hidden = !link || link.current;
    this.part("stood").hidden = !link;
    if (link) this.part("stood").textContent = this.part("stood").dataset[state(link)];
    if (link || before) this.choose(link);
    if (this.element.open && Boolean(before) !== Boolean(link)) this.part(link?.url ? "address" : "make").focus();
  }

  /** Not where there is none and was none: somebody may have chosen while we asked. */
  choose(link) {
    this.part("images").checked = link?.images ?? false;
    this.part("name").checked = link?.name ?? false;
    this.showEnd(link?.expires_at);
  }

  showEnd(moment) {
    const option = this.part("ends-on");
    option.hidden = !moment;
    if (moment) option.textContent = words.endsOn(dayAndTime(moment));
    this.part("ends").value = moment ? "" : "never";
  }

  // To take along ---------------------------------------------------------------------------------

  exportMarkdown(_event, trigger) {
    this.fetch(trigger, "markdown");
  }

  exportJson(_event, trigger) {
    this.fetch(trigger, "json");
  }

  /** The browser itself loads it down: it may be large. */
  fetch(trigger, format) {
    const id = this.chosen(trigger);
    if (!id) return;
    const link = document.createElement("a");
    link.href = `/api/v1/conversations/${encodeURIComponent(id)}/export?format=${format}`;
    link.download = "";
    link.click();
  }

  /** The menu knows by which conversation it was opened. */
  chosen(trigger) {
    return trigger.closest("[data-for]")?.dataset.for || this.shared.conversation?.id;
  }
}

function state({ url, ended, current }) {
  if (ended) return "ended";
  if (!url) return "lost";
  return current ? "current" : "older";
}
