import { Controller } from "../lib/controllers.js";
import { words } from "../lib/words.js";

const PATIENCE_MS = 700; // a line that is back at once is not worth a word

/** Above the thread: title, and how the line is. */
export class Bar extends Controller {
  connect() {
    this.path = window.location.pathname;
    this.site = document.title.split(" · ").at(-1);
    this.on(this.shared, "thread", this.showTitle);
    this.on(this.shared, "arrived", this.arrived);
    this.on(this.shared, "line", this.showLine);
    this.on(this.shared, "site", ({ detail }) => this.rename(detail.name));
    this.on(window, "online offline", this.showLine);
    this.on(window, "popstate", this.stepped);
    this.showLine();
  }

  disconnect() {
    super.disconnect();
    clearTimeout(this.patience);
  }

  arrived() {
    this.path = `/c/${this.shared.conversation.id}/`;
    history.pushState(null, "", this.path);
    this.showTitle();
  }

  /** Back or forward to another conversation. Who only went to a message of this one (`#m-…`) stays on the page. */
  stepped() {
    if (window.location.pathname !== this.path) window.location.reload();
  }

  showTitle() {
    const { conversation } = this.shared;
    if (!conversation || conversation.title === this.title) return;
    this.title = conversation.title;
    this.part("title").textContent = this.title || words.newConversation;
    this.part("actions").hidden = false;
    document.title = `${this.title || words.newConversation} · ${this.site}`;
  }

  rename(site) {
    const { title } = document;
    if (title.endsWith(` · ${this.site}`)) document.title = title.slice(0, -this.site.length) + site;
    this.site = site;
  }

  showLine() {
    clearTimeout(this.patience);
    const sentence = this.sentence();
    const show = () => (this.part("line").textContent = sentence);
    if (sentence) this.patience = setTimeout(show, PATIENCE_MS);
    else show();
  }

  sentence() {
    const { state } = this.shared.line;
    if (state === "open") return "";
    if (state === "full") return words.lineFull;
    return navigator.onLine ? words.lineLost : words.lineOff;
  }
}
