import { picturesOf, placeOf } from "../state/looking.js";
import { Pictures } from "./pictures.js";

/** Those of the open conversation, also where its messages are far away or not loaded yet. */
export class OwnPictures extends Pictures {
  opened(link) {
    const message = link.closest("[data-message]").dataset.message;
    const nth = [...link.parentElement.children].indexOf(link);
    const pictures = this.all;
    const earlier = this.shared.thread.next ? () => this.earlier() : null;
    return { pictures, at: placeOf(pictures, message, nth), earlier };
  }

  get all() {
    const { messages, pending } = this.shared.thread;
    return picturesOf([...messages, ...pending.filter((one) => !one.message)]);
  }

  /** Of the messages above, until one with a picture is there or there are no more. */
  async earlier() {
    const { shared } = this;
    const known = this.all.length;
    let before;
    while (this.all.length === known && shared.thread.next && shared.thread.next !== before) {
      before = shared.thread.next;
      await shared.older();
    }
    return this.all.slice(0, this.all.length - known);
  }
}
