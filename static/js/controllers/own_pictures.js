import { toField } from "../lib/fields.js";
import { words } from "../lib/words.js";
import { api } from "../live/api.js";
import { described, picturesOf, placeOf, plain } from "../state/looking.js";
import { askHere } from "./asking_here.js";
import { cutOut } from "./cutting.js";
import { describe } from "./describing.js";
import { Pictures } from "./pictures.js";

/** Those of the open conversation, also where its messages are far away or not loaded yet. */
export class OwnPictures extends Pictures {
  opened(link) {
    const message = link.closest("[data-message]").dataset.message;
    const nth = [...link.parentElement.children].indexOf(link);
    const pictures = this.all;
    const at = placeOf(pictures, message, nth);
    if (at < 0) return super.opened(link); // the conversation has gone on since this was drawn
    const earlier = this.shared.thread.next ? () => this.earlier() : null;
    const { alt, ask, cut, go, text, use } = this;
    const about = ({ id }) => api.get(`images/${id}`);
    return { pictures, at, acts: { alt, ask, cut, go, text, use }, earlier, about };
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

  // What one can do with it ------------------------------------------------------------------------

  go = async ({ message }, view) => {
    await view.leave();
    this.shared.goTo(message);
  };

  ask = (_picture, view) => askHere(view, this.shared);

  cut = async ({ url }, view) => {
    const file = await cutOut({ url, name: view.name });
    if (!file) return;
    await view.leave();
    this.shared.tell("usefile", file);
    this.shared.tell("said", words.added);
  };

  use = async (picture, view) => {
    await view.leave();
    this.shared.tell("usepicture", plain(picture));
    toField();
  };

  text = ({ text }, view) => {
    this.shared.tell("openfile", { name: view.name, text });
  };

  alt = async (picture, view) => {
    const now = await describe(picture);
    if (!now) return;
    view.become({ alt: now.alt });
    const { thread } = this.shared;
    this.shared.become({ ...thread, messages: described(thread.messages, now) });
  };
}
