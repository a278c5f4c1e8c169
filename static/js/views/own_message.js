import { fromTemplate } from "../lib/templates.js";
import { words } from "../lib/words.js";

/** One's own message: a pending one with its state, or one that the server has. */
export class OwnMessage {
  constructor(element = fromTemplate("own-message")) {
    this.element = element;
    this.notice = element.querySelector("[data-part=notice]");
  }

  show(message, { lineDown = false } = {}) {
    const { element } = this;
    element.dataset.message = message.id;
    element.dataset.state = message.state ?? "complete";
    this.body.textContent = message.text;
    this.showPictures(message.images);
    const held = message.state === "sending" && lineDown;
    this.notice.hidden = !held && message.state !== "unsent";
    this.notice.classList.toggle("bad", message.state === "unsent");
    this.notice.querySelector("[data-part=sentence]").textContent = held ? words.willSend : (message.sentence ?? "");
    for (const button of this.notice.querySelectorAll("button")) button.hidden = held;
  }

  get body() {
    return this.element.querySelector("[data-part=body]");
  }

  showPictures(images) {
    const place = this.element.querySelector("[data-part=pictures]");
    const shown = [...place.querySelectorAll("img")].map((image) => image.getAttribute("src"));
    if (shown.join() === images.map((image) => image.thumbnail_url).join()) return;
    place.replaceChildren(...images.map(picture));
  }
}

function picture(image, index) {
  const link = fromTemplate("picture");
  const shown = link.querySelector("img");
  link.href = image.url;
  shown.src = image.thumbnail_url;
  shown.alt = words.picture(index + 1);
  return link;
}
