import { Controller } from "../lib/controllers.js";
import { words } from "../lib/words.js";
import { api } from "../live/api.js";

const ASK_MS = 1000;
// A large account's first conversations take a while; one that tells nothing for so long has ended.
const PATIENCE = 15;

/** A plain link does the work; this says how far it is. */
export class Exports extends Controller {
  begin() {
    clearTimeout(this.timer);
    this.silent = 0;
    this.before = null;
    this.part("state").hidden = false;
    this.part("progress").removeAttribute("value");
    this.part("said").textContent = words.exportBegins;
    this.timer = setTimeout(() => this.ask(), ASK_MS);
  }

  disconnect() {
    super.disconnect();
    clearTimeout(this.timer);
  }

  async ask() {
    const told = await api.get("export/progress").catch(() => null);
    this.silent = told && told.done !== this.before ? 0 : this.silent + 1;
    this.before = told?.done ?? null;
    if (told) this.show(told);
    if (told?.done === told?.of && told) return;
    if (this.silent < PATIENCE) this.timer = setTimeout(() => this.ask(), ASK_MS);
  }

  show({ done, of }) {
    this.part("progress").max = Math.max(of, 1);
    this.part("progress").value = of ? done : 1;
    this.part("said").textContent = done < of ? words.exported(done, of) : words.exportedAll;
  }
}
