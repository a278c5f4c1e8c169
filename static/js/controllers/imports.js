import { Controller } from "../lib/controllers.js";
import { words } from "../lib/words.js";
import { api } from "../live/api.js";
import { upload } from "../live/upload.js";

const ASK_MS = 700;

/** A file brought along: uploaded, followed to its end, and what was left out is said. */
export class Imports extends Controller {
  async connect() {
    this.on(this.part("form"), "submit", this.begin);
    const { items } = await api.get("imports").catch(() => ({ items: [] }));
    if (items.length && this.job === undefined) this.follow(items[0]); // else another was begun meanwhile
  }

  disconnect() {
    super.disconnect();
    clearTimeout(this.timer);
    this.upload?.abort();
  }

  async begin(event) {
    event.preventDefault();
    const [file] = this.part("file").files;
    if (!file || this.busy) return;
    this.set(true);
    this.part("left-out").hidden = true;
    this.say(words.onItsWay);
    this.upload = new AbortController();
    this.job = null;
    this.isUnwanted = false;
    const progress = (part) => (this.part("progress").value = part);
    try {
      this.follow(await upload(file, { progress, signal: this.upload.signal, to: "imports" }));
      this.part("form").reset();
      if (this.isUnwanted) this.stop();
    } catch (error) {
      this.set(false);
      this.part("state").hidden = true;
      this.tell(error.message);
    }
  }

  follow(job) {
    const { live } = job;
    this.job = job;
    this.set(live);
    this.show(job);
    if (live) this.timer = setTimeout(() => this.ask(job), ASK_MS);
  }

  async ask(job) {
    const mine = (this.asking = {});
    try {
      const now = await api.get(`imports/${job.id}`);
      if (this.asking === mine) this.follow(now);
    } catch {
      if (this.asking === mine) this.timer = setTimeout(() => this.ask(job), 4 * ASK_MS);
    }
  }

  /** On its way it is taken back; once all of it was sent there is an import to stop, now or in a moment. */
  async stop() {
    this.isUnwanted = true;
    if (!this.job && this.part("progress").value < 1) this.upload.abort();
    if (!this.job?.live) return;
    clearTimeout(this.timer);
    this.asking = null; // what is told from before it was stopped says that it goes on
    try {
      this.follow(await api.post(`imports/${this.job.id}/stop`));
    } catch (error) {
      this.follow(this.job);
      this.tell(error.message);
    }
  }

  set(busy) {
    this.busy = busy;
    this.part("form").querySelector("button").disabled = busy;
    this.part("state").hidden = false;
    this.part("progress").hidden = this.part("stop").hidden = !busy;
    if (busy) this.part("progress").removeAttribute("value");
    this.tell("");
  }

  show(job) {
    if (job.live && job.progress) this.part("progress").value = job.progress;
    this.say([job.status === "stopped" && words.importStopped, words.imported(job)].filter(Boolean).join(" "));
    this.tell(job.error ?? "");
    this.part("left-out").hidden = job.left_out.length === 0;
    this.part("left").replaceChildren(...job.left_out.map(line));
  }

  say(sentence) {
    if (this.part("said").textContent !== sentence) this.part("said").textContent = sentence;
  }

  tell(sentence) {
    this.part("problem").textContent = sentence;
    this.part("problem").hidden = !sentence;
  }
}

function line({ message }) {
  const item = document.createElement("li");
  item.textContent = message;
  return item;
}
