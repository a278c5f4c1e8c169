import { Controller } from "../lib/controllers.js";
import { words } from "../lib/exporting_words.js";
import { newId } from "../lib/ids.js";
import { csrfHeaders } from "../live/api.js";

const ASK_MS = 1000;
// A slow line takes its time for a page of rows; after so many answers without news that is said.
const PATIENCE = 30;

/** How far an export is. Each has a name of its own, by which this page asks for it and ends it. */
export class Exporting extends Controller {
  connect() {
    this.on(this.part("form"), "submit", this.begin);
  }

  disconnect() {
    super.disconnect();
    clearTimeout(this.timer);
  }

  begin() {
    this.id = newId().replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    this.part("form").elements.export.value = this.id;
    this.silent = 0;
    this.before = null;
    this.isStopping = false;
    this.part("under-way").hidden = false;
    this.part("progress").removeAttribute("value");
    this.part("said").textContent = words.begins;
    this.isGoing(true);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), ASK_MS);
  }

  /** After the form was sent: a button that is disabled before sends nothing. */
  isGoing(going) {
    this.part("stop").hidden = !going;
    setTimeout(() => (this.part("begin").disabled = going));
  }

  async ask() {
    const id = this.id;
    const told = await this.call(id, "GET");
    if (id !== this.id) return;
    this.silent = told && told.done !== this.before ? 0 : this.silent + 1;
    this.before = told?.done ?? this.before;
    if (told) this.show(told);
    if (told && told.state !== "going") return this.isGoing(false);
    if (this.silent >= PATIENCE) this.unheard();
    if (this.isStopping) this.stop(); // it may have been asked before there was anything to stop
    this.timer = setTimeout(() => this.ask(), ASK_MS);
  }

  async stop() {
    this.isStopping = true;
    this.part("said").textContent = words.stopping;
    await this.call(`${this.id}/stop`, "POST");
  }

  /** Null where there is nothing to say, for whatever reason. */
  async call(path, method) {
    try {
      const answer = await fetch(`${this.element.dataset.states}${path}/`, {
        method, headers: csrfHeaders(), redirect: "error",
      });
      return answer.status === 200 ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  show(told) {
    const { done, of, state } = told;
    this.part("progress").max = Math.max(of, done, 1);
    this.part("progress").value = state === "complete" ? this.part("progress").max : done;
    this.part("said").textContent = words.said(told);
  }

  /** Whoever made it is gone, or nobody takes it: it may be begun again. */
  unheard() {
    this.part("said").textContent = words.unheard;
    this.part("begin").disabled = false;
  }
}
