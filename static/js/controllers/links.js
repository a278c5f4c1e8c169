import { Controller } from "../lib/controllers.js";
import { day } from "../lib/moments.js";
import { words } from "../lib/words.js";
import { api } from "../live/api.js";

function facts({ stood_at, expires_at, ended }) {
  const stood = words.stoodOn(day(stood_at));
  if (ended) return `${stood} · ${words.hasEnded}`;
  return expires_at ? `${stood} · ${words.linkEnds(day(expires_at))}` : stood;
}

/** All links of one's own, each withdrawn by a click. */
export class Links extends Controller {
  async connect() {
    await this.attempt(async () => {
      this.links = (await api.get("shares")).items;
    });
  }

  async withdraw(_event, trigger) {
    const { id } = trigger.closest("li").dataset;
    await this.attempt(async () => {
      await api.delete(`shares/${id}`);
      this.links = this.links.filter((link) => link.id !== id);
    });
    (this.part("list").querySelector("button") ?? this.part("none")).focus();
  }

  async attempt(what) {
    this.part("problem").hidden = true;
    try {
      await what();
      this.show();
    } catch (error) {
      this.part("problem").textContent = error.message;
      this.part("problem").hidden = false;
    }
  }

  show() {
    this.part("none").hidden = this.links.length > 0;
    this.part("none").tabIndex = -1;
    this.part("list").hidden = this.links.length === 0;
    this.part("list").replaceChildren(...this.links.map((link) => this.entry(link)));
  }

  entry(link) {
    const item = this.part("one").content.firstElementChild.cloneNode(true);
    item.dataset.id = link.id;
    const title = item.querySelector("[data-part=title]");
    title.textContent = link.title || words.newConversation;
    if (link.url) title.href = link.url;
    item.querySelector("[data-part=facts]").textContent = facts(link);
    return item;
  }
}
