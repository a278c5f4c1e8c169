import { Controller } from "../lib/controllers.js";
import { toField } from "../lib/fields.js";
import { fromTemplate } from "../lib/templates.js";
import { words } from "../lib/words.js";
import { isBusy, isHeld } from "../state/queue.js";

/** Above the composer: what goes out when the answer has ended, in its order. */
export class QueueView extends Controller {
  connect() {
    this.on(this.shared, "queue thread", this.show);
    this.on(this.shared, "unqueuelast", () => this.bringBack(this.shared.queue.entries.at(-1)?.id));
    this.show();
  }

  get state() {
    const { queue, thread } = this.shared;
    return { entries: queue.entries, held: !isBusy(thread) && isHeld(thread) };
  }

  show() {
    const { entries, held } = this.state;
    if (entries === this.entries && held === this.held) return;
    Object.assign(this, { entries, held });
    this.element.hidden = !entries.length;
    this.part("why").textContent = held ? words.queueHeld : words.queueWaits;
    const list = this.part("list");
    const at = [...list.querySelectorAll("button")].indexOf(document.activeElement);
    list.replaceChildren(...entries.map((entry, place) => row(entry, held && place === 0)));
    if (at < 0) return;
    const next = list.querySelectorAll("button")[at];
    if (next) next.focus();
    else toField();
  }

  idAt(trigger) {
    return trigger.closest("li").dataset.id;
  }

  edit(_event, trigger) {
    this.bringBack(this.idAt(trigger));
  }

  bringBack(id) {
    const entry = this.shared.queue.take(id);
    if (entry) this.shared.tell("recall", entry);
  }

  remove(_event, trigger) {
    this.shared.queue.take(this.idAt(trigger));
  }

  sendNow(_event, trigger) {
    this.shared.queue.sendNow(this.idAt(trigger));
  }
}

function row({ id, text, images, files }, mayGo) {
  const element = fromTemplate("queued");
  element.dataset.id = id;
  element.querySelector("[data-part=text]").textContent = text.slice(0, 300);
  const attached = [...images.map((_image, index) => words.picture(index + 1)), ...files.map((file) => file.name)];
  element.querySelector("[data-part=attached-names]").textContent = attached.join(", ");
  element.querySelector("[data-part=now]").hidden = !mayGo;
  return element;
}
