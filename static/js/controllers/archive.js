import { Controller } from "../lib/controllers.js";
import { fromTemplate } from "../lib/templates.js";
import { words } from "../lib/words.js";
import { api } from "../live/api.js";

/** What was put into the archive: read, taken out again, deleted. */
export class Archive extends Controller {
  connect() {
    this.list = this.part("list");
    this.on(this.shared, "restored", () => this.element.open && this.open());
    this.on(this.element, "click", (event) => event.target === this.element && this.close());
  }

  async open() {
    this.list.replaceChildren();
    this.next = "";
    this.asking = null; // what was asked before it was closed is not for this list
    this.part("none").hidden = true;
    this.element.showModal();
    await this.more();
  }

  close() {
    this.element.close();
  }

  async more() {
    if (this.asking) return;
    const mine = (this.asking = {});
    await this.attempt(async () => {
      const cursor = this.next ? `&cursor=${encodeURIComponent(this.next)}` : "";
      const page = await api.get(`conversations?archived=true${cursor}`);
      if (this.asking === mine) this.add(page);
    });
    if (this.asking === mine) this.asking = null;
  }

  add({ items, next }) {
    this.next = next;
    this.list.append(...items.map((one) => this.entry(one)));
    this.settle();
  }

  settle() {
    this.part("more").hidden = !this.next;
    this.part("none").hidden = this.list.children.length > 0 || Boolean(this.next);
  }

  entry(one) {
    const element = fromTemplate("archived");
    element.dataset.conversation = one.id;
    element.querySelector("a").href = `/c/${one.id}/`;
    element.querySelector("[data-part=title]").textContent = one.title || words.newConversation;
    return element;
  }

  takeOut(event, trigger) {
    return this.away(event, trigger, (id) => this.shared.change(id, { archived: false }));
  }

  remove(event, trigger) {
    const title = trigger.closest(".entry").querySelector("a").textContent;
    return this.away(event, trigger, (id) => this.shared.remove(id, { id, title }));
  }

  /** The second of two quick clicks was for the entry that has gone, not for the one that came to its place. */
  async away(event, trigger, what) {
    const entry = trigger.closest(".entry");
    if (event.detail > 1 || "leaving" in entry.dataset) return;
    entry.dataset.leaving = "";
    await this.attempt(async () => {
      await what(entry.dataset.conversation);
      const beside = entry.nextElementSibling ?? entry.previousElementSibling;
      entry.remove();
      (beside?.querySelector("a") ?? this.element.querySelector("button")).focus();
    });
    this.settle();
  }

  async attempt(what) {
    try {
      await what();
    } catch (error) {
      this.close();
      this.shared.tell("trouble", error.message);
    }
  }
}
