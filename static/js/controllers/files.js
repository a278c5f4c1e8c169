import { Controller } from "../lib/controllers.js";
import { words } from "../lib/words.js";

const SHOWN_CHARACTERS = 200_000; // more in one element is slow to lay out; the whole of it can be saved

/** A text file, to be read and not changed. */
export class Files extends Controller {
  connect() {
    this.on(this.shared, "openfile", (event) => this.show(event.detail));
    // A click beside the dialog closes it.
    this.on(this.element, "click", (event) => event.target === this.element && this.element.close());
    this.on(this.element, "close", () => this.fetching?.abort());
  }

  open(event, trigger) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // as with any link
    event.preventDefault();
    this.show({ name: trigger.querySelector("[data-part=name]").textContent, url: trigger.getAttribute("href") });
  }

  async show({ name, url, text }) {
    this.part("name").textContent = name;
    this.part("save").hidden = !url;
    if (url) this.part("save").href = url;
    this.say("");
    this.element.showModal();
    this.say(text ?? (await this.read(url)));
  }

  async read(url) {
    this.fetching?.abort();
    this.fetching = new AbortController();
    try {
      const answer = await fetch(url, { signal: this.fetching.signal });
      return answer.ok ? await answer.text() : words.fileGone;
    } catch (error) {
      return error.name === "AbortError" ? "" : words.unreachable;
    }
  }

  say(text) {
    this.part("text").textContent = text.slice(0, SHOWN_CHARACTERS);
    this.part("text").scrollTop = 0;
    this.part("cut").hidden = text.length <= SHOWN_CHARACTERS;
  }
}
