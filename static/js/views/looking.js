import { Back } from "../lib/back.js";
import { words } from "../lib/picture_words.js";
import { save } from "../lib/save.js";
import { fromTemplate } from "../lib/templates.js";
import { meant, siteOf } from "../state/looking.js";
import { Stage } from "./stage.js";

const NEEDS = { text: "text", go: "uses" };

/** Pictures on the whole screen, one at a time. What can be done with them is up to who opens it:
    `acts` {name: (picture) => …} shows the buttons of these names. */
export class Looking {
  constructor() {
    this.element = fromTemplate("looking");
    this.life = new AbortController();
    this.back = new Back(() => this.element.close());
    this.part = (name) => this.element.querySelector(`[data-part=${name}]`);
    document.body.append(this.element);
    const { signal } = this.life;
    this.stage = new Stage(this.part("stage"), this, { signal });
    this.element.addEventListener("click", (event) => this.clicked(event), { signal });
    this.element.addEventListener("keydown", (event) => this.pressed(event), { signal });
    this.element.addEventListener("close", () => this.closed(), { signal });
  }

  /** `earlier()` and `later()` give pictures that stand before the first and after the last one, as long as
      there are any; `about(picture)` more of what is known of one. */
  open({ pictures, at, acts = {}, earlier = null, later = null, about = null }) {
    Object.assign(this, { pictures, at, acts, earlier, later, about });
    this.element.showModal();
    this.back.enter();
    this.show();
  }

  get picture() {
    return this.pictures[this.at];
  }

  get name() {
    return this.picture.alt || this.picture.name || words.picture(this.picture.nth + 1);
  }

  show() {
    this.complain("");
    this.stage.show(this.picture, this.name);
    this.stage.expect([1, -1].map((by) => this.pictures[this.at + by]).filter(Boolean));
    this.tell();
    this.part("said").textContent = `${this.name}. ${this.part("place").textContent}`;
    this.learn(this.picture);
  }

  tell() {
    this.part("name").textContent = this.name;
    this.part("facts").textContent = words.facts(this.picture);
    this.tellSource();
    this.part("place").textContent = words.place(this.at + 1, this.pictures.length, Boolean(this.earlier ?? this.later));
    this.part("previous").disabled = this.at === 0 && !this.earlier;
    this.part("next").disabled = this.at === this.pictures.length - 1 && !this.later;
    for (const button of this.element.querySelectorAll("[data-act]")) button.hidden = !this.can(button.dataset.act);
  }

  /** The site that a picture was fetched from, as a way there. */
  tellSource() {
    const site = siteOf(this.picture.source);
    const link = this.part("source");
    this.part("from").hidden = !site;
    link.textContent = words.from(site);
    link.href = site && this.picture.source;
  }

  /** A text is opened where one was read, a message where there is one. */
  can(act) {
    const need = NEEDS[act];
    return act === "save" || (act in this.acts && (!need || this.picture[need]?.length > 0));
  }

  async learn(picture) {
    if (!this.about || picture.known) return;
    try {
      Object.assign(picture, await this.about(picture), { known: true });
    } catch {
      return; // it can be looked at all the same
    }
    if (this.element.open && picture === this.picture) this.tell();
  }

  changed() {
    this.part("share").textContent = words.share(this.stage.share);
    this.part("smaller").disabled = this.stage.isWhole;
    this.part("larger").disabled = this.stage.isLargest;
  }

  // From one to the next ---------------------------------------------------------------------------

  previous() {
    return this.stepped(-1);
  }

  next() {
    return this.stepped(1);
  }

  async stepped(by) {
    if (!this.pictures[this.at + by]) await this.bring(by);
    if (!this.pictures[this.at + by]) return;
    this.at += by;
    this.show();
    this.keepFocus();
  }

  /** Once at a time; whoever presses again waits for the same. */
  bring(by) {
    const more = by < 0 ? this.earlier : this.later;
    if (more) this.bringing ??= more().then((found) => this.join(by, found)).finally(() => (this.bringing = null));
    return this.bringing;
  }

  join(by, found) {
    if (!found.length) this[by < 0 ? "earlier" : "later"] = null;
    this.pictures = by < 0 ? [...found, ...this.pictures] : [...this.pictures, ...found];
    if (by < 0) this.at += found.length;
    this.tell();
  }

  /** A button that leads nowhere any more loses the focus; the picture has it then, and the keys go on. */
  keepFocus() {
    const { activeElement } = document;
    if (!this.element.contains(activeElement) || activeElement.disabled) this.part("stage").focus();
  }

  // What is pressed --------------------------------------------------------------------------------

  clicked({ target }) {
    const { do: name, act } = target.closest("[data-do], [data-act]")?.dataset ?? {};
    if (name) this[name]();
    else if (act === "save") this.save();
    else if (act) this.acts[act](this.picture, this);
  }

  async save() {
    this.complain("");
    await save(this.picture, this.name).catch(() => this.complain(words.notSaved));
  }

  /** What went wrong with this picture, until the next one is shown. */
  complain(sentence) {
    this.part("problem").textContent = sentence;
    this.part("problem").hidden = !sentence;
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { isWhole, isRtl } = this.stage;
    const wish = meant(event.key, { isWhole, isRtl });
    if (!wish) return;
    event.preventDefault();
    if (wish.step) this.stepped(wish.step);
    else this.stage.obey(wish);
  }

  larger() {
    this.stage.larger();
  }

  smaller() {
    this.stage.smaller();
  }

  whole() {
    this.stage.whole();
  }

  again() {
    this.show();
  }

  close() {
    this.element.close();
  }

  left() {
    this.close();
  }

  // Changes, and the end ---------------------------------------------------------------------------

  /** The picture is another now: what is known of it, or null when it is gone. */
  become(change) {
    if (change) Object.assign(this.picture, change);
    else this.pictures = this.pictures.filter((one) => one !== this.picture);
    this.at = Math.min(this.at, this.pictures.length - 1);
    if (!this.pictures.length) return this.element.close();
    if (change) return this.tell();
    this.show();
    this.keepFocus();
  }

  /** Closed, and the page as it was before. */
  async leave() {
    this.element.close();
    await this.back.leave();
  }

  /** However: by a key, by the button, by the system. */
  closed() {
    this.back.leave();
  }

  remove() {
    this.life.abort();
    this.element.remove();
  }
}
