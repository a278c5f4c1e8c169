import { ask } from "../lib/dialog.js";
import { draftOf, keepDraft } from "../lib/drafts.js";
import { words } from "../lib/picture_words.js";
import { fromTemplate } from "../lib/templates.js";
import { api } from "../live/api.js";
import { nextTo, placeOf, together, withMore, without } from "../state/gallery.js";
import { plain } from "../state/looking.js";
import { signed } from "../views/picture.js";
import { describe } from "./describing.js";
import { Pictures } from "./pictures.js";

const AHEAD = "600px"; // so early older ones are fetched

/** All of one's pictures: to look at, to find where they stand, to use again, to delete. */
export class Gallery extends Pictures {
  connect() {
    super.connect();
    this.pictures = this.shared.items.map(named);
    this.next = this.shared.next;
    this.part("tiles").querySelectorAll(".tile").forEach((tile, nth) => show(tile, this.pictures[nth]));
    this.on(this.part("tiles"), "change", this.chose);
    this.near = new IntersectionObserver(([entry]) => entry.isIntersecting && this.more(), { rootMargin: AHEAD });
    this.near.observe(this.part("more"));
  }

  disconnect() {
    super.disconnect();
    this.near.disconnect();
  }

  get place() {
    return ".tiles";
  }

  // Older ones -------------------------------------------------------------------------------------

  /** By itself before one comes to the end, and by a button where that did not go well. */
  more() {
    if (this.next) this.fetching ??= this.fetch().finally(() => (this.fetching = null));
    return this.fetching;
  }

  async fetch() {
    try {
      const { items, next } = await api.get(`images?cursor=${encodeURIComponent(this.next)}`);
      this.next = next;
      this.become(withMore(this.pictures, items.map(named)));
      this.watchOn();
    } catch (error) {
      this.say(error.message);
    }
  }

  /** Told anew where the button is: it may be in sight still. */
  watchOn() {
    this.near.unobserve(this.part("more"));
    if (this.next) this.near.observe(this.part("more"));
  }

  become(pictures) {
    this.pictures = pictures;
    const tiles = new Map([...this.part("tiles").children].map((tile) => [tile.dataset.image, tile]));
    const kept = new Set(pictures.map(({ id }) => id));
    for (const [id, tile] of tiles) if (!kept.has(id)) tile.remove();
    for (const one of pictures) if (!tiles.has(one.id)) this.part("tiles").append(show(fromTemplate("tile"), one));
    this.part("more").hidden = !this.next;
    this.part("none").hidden = pictures.length > 0 || Boolean(this.next);
    this.part("tiles").hidden = pictures.length === 0;
    this.showChosen();
  }

  // On the whole screen ----------------------------------------------------------------------------

  opened(link) {
    const at = this.pictures.findIndex(({ id }) => id === link.closest(".tile").dataset.image);
    const { alt, go, remove, text, use } = this;
    const about = ({ id }) => api.get(`images/${id}`);
    const later = this.next ? () => this.later() : null;
    return { pictures: this.pictures, at, acts: { alt, go, remove, text, use }, about, later };
  }

  async later() {
    const known = this.pictures.length;
    await this.more();
    return this.pictures.slice(known);
  }

  go = async (picture, view) => {
    await view.leave();
    window.location.assign(placeOf(picture));
  };

  text = ({ text }, view) => {
    this.shared.tell("openfile", { name: view.name, text });
  };

  use = async (picture, view) => {
    if (!this.putIntoDraft([picture])) return view.complain(words.tooMany(this.shared.most));
    await view.leave();
    window.location.assign("/");
  };

  alt = async (picture, view) => {
    const now = await describe(picture);
    if (!now) return;
    view.become({ alt: now.alt });
    show(this.tileOf(picture), picture);
  };

  tileOf({ id }) {
    return [...this.part("tiles").children].find((tile) => tile.dataset.image === id);
  }

  remove = async (picture, view) => {
    if (!(await this.isMeant(1))) return;
    const refused = await this.delete(picture);
    if (refused) return view.complain(refused);
    view.become(null);
  };

  // Several ----------------------------------------------------------------------------------------

  get chosen() {
    const ids = new Set([...this.part("tiles").querySelectorAll(":checked")].map((box) => box.closest(".tile").dataset.image));
    return this.pictures.filter(({ id }) => ids.has(id));
  }

  /** What became of those before is told no longer. */
  chose() {
    this.say("");
    this.showChosen();
  }

  showChosen() {
    const { length } = this.chosen;
    this.part("chosen").hidden = length === 0;
    this.part("count").textContent = length ? words.chosen(length) : "";
  }

  chooseNone() {
    for (const box of this.part("tiles").querySelectorAll(":checked")) box.checked = false;
    this.showChosen();
    this.part("tiles").querySelector("a")?.focus();
  }

  useChosen() {
    if (this.putIntoDraft(this.chosen)) window.location.assign("/");
    else this.say(words.tooMany(this.shared.most));
  }

  /** Behind what waits there already: the new conversation begins with its draft. */
  putIntoDraft(pictures) {
    const { user, most } = this.shared;
    const draft = draftOf(user, null);
    const images = together(draft.images, pictures.map(plain), most);
    if (images) keepDraft(user, null, { ...draft, images });
    return Boolean(images);
  }

  /** One after the other. What cannot be deleted stays, and why is said. */
  async removeChosen() {
    const { chosen } = this;
    if (!(await this.isMeant(chosen.length))) return;
    const at = this.pictures.indexOf(chosen[0]);
    const refused = [];
    for (const one of chosen) refused.push(await this.delete(one));
    const reasons = [...new Set(refused.filter(Boolean))];
    const gone = refused.filter((reason) => !reason).length;
    this.say([gone && words.deleted(gone), ...reasons].filter(Boolean).join(" "));
    this.focusAt(nextTo(at, this.pictures.length));
  }

  focusAt(at) {
    if (at === null) this.part("none").focus();
    else this.part("tiles").children[at].querySelector("a").focus();
  }

  isMeant(count) {
    const dialog = document.getElementById("delete-pictures");
    dialog.querySelector("[data-part=title]").textContent = words.toDelete(count);
    return ask(dialog);
  }

  /** "" when it is gone, else why it is not. */
  async delete({ id }) {
    try {
      await api.delete(`images/${id}`);
    } catch (error) {
      if (error.code !== "not_found") return error.message; // else it was deleted elsewhere
    }
    this.become(without(this.pictures, id));
    return "";
  }

  say(sentence) {
    this.part("said").textContent = sentence;
    this.part("said").hidden = !sentence;
  }
}

/** What it is called where the person has no words for it. */
function named(picture) {
  const [use] = picture.uses;
  return { ...picture, name: use?.title ? words.pictureIn(use.title) : words.aPicture };
}

function show(tile, picture) {
  const [image, box] = ["img", "input"].map((part) => tile.querySelector(part));
  const { width, height, name, thumbnail_url: src } = picture;
  if (picture.blocked) signed(tile.querySelector("a"), "blocked");
  tile.dataset.image = picture.id;
  tile.querySelector("a").href = picture.url;
  Object.assign(image, { width, height, alt: picture.alt || name });
  if (image.getAttribute("src") !== src) image.src = src;
  box.setAttribute("aria-label", words.choose(image.alt));
  return tile;
}
