import { Controller } from "../lib/controllers.js";
import { looking } from "../views/later.js";
import { again, came, missing } from "../views/picture.js";

/** Pictures in messages: one opens on the whole screen; one that does not come shows a sign. */
export class Pictures extends Controller {
  connect() {
    // Of a page that was loaded anew: what stood over it (lib/back.js) is not open any more.
    if (history.state?.over) history.back();
    const heard = (then) => ({ target }) => target.matches?.(`${this.place} img`) && then(target); // icons come, too
    this.on(this.element, "error", heard(missing), { capture: true }); // it does not bubble
    this.on(this.element, "load", heard(came), { capture: true });
    for (const image of this.element.querySelectorAll(`${this.place} img`)) if (hasFailed(image)) missing(image);
  }

  /** What the pictures stand in. */
  get place() {
    return ".pictures";
  }

  disconnect() {
    super.disconnect();
    this.view?.remove();
  }

  look(event, link) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // as with any link
    event.preventDefault();
    if (link.dataset.missing) again(link);
    else this.open(link);
  }

  /** Without the script that shows it, the picture itself is what there is to see. */
  async open(link) {
    try {
      const { Looking } = await looking();
      this.view ??= new Looking();
    } catch {
      return window.location.assign(link.href);
    }
    if (!this.view.element.open) this.view.open(this.opened(link));
  }

  /** What there is to look at, and which of it this link is. */
  opened(link) {
    const links = [...this.element.querySelectorAll(`${this.place} a:not([data-missing])`)];
    return { pictures: links.map(pictureOf), at: links.indexOf(link) };
  }
}

function pictureOf(link, nth) {
  const image = link.querySelector("img");
  const size = ["width", "height"].map((side) => [side, Number(image.getAttribute(side))]);
  const bytes = Number(link.dataset.bytes);
  return { url: link.href, thumbnail_url: image.src, alt: image.alt, nth, bytes, ...Object.fromEntries(size) };
}

/** Before this script was there to hear of it. */
function hasFailed(image) {
  return image.complete && image.hasAttribute("src") && !image.naturalWidth;
}
