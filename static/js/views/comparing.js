import { Back } from "../lib/back.js";
import { words } from "../lib/picture_words.js";
import { fromTemplate } from "../lib/templates.js";
import { chosen, followed, pairOf } from "../state/comparing.js";
import { meant } from "../state/looking.js";
import { Stage } from "./stage.js";

/** Two pictures side by side: what is done to one of them, to move it or to make it larger, is done to both. */
export class Comparing {
  constructor() {
    this.element = fromTemplate("comparing");
    this.life = new AbortController();
    this.back = new Back(() => this.element.close());
    this.part = (name) => this.element.querySelector(`[data-part=${name}]`);
    document.body.append(this.element);
    const { signal } = this.life;
    this.selects = [...this.element.querySelectorAll("select")];
    this.stages = [...this.element.querySelectorAll(".stage")].map((stage, pane) => new Stage(stage, this.heard(pane), { signal }));
    this.element.addEventListener("click", ({ target }) => this[target.closest("[data-do]")?.dataset.do]?.(), { signal });
    this.element.addEventListener("change", ({ target }) => this.choose(target), { signal });
    this.element.addEventListener("keydown", (event) => this.pressed(event), { signal });
    this.element.addEventListener("close", () => this.back.leave(), { signal });
  }

  heard(pane) {
    return { changed: () => this.changed(pane), stepped: () => {}, left: () => this.close() };
  }

  open({ pictures, at }) {
    this.pictures = pictures;
    this.shown = [];
    for (const select of this.selects) select.replaceChildren(...pictures.map((one, nth) => new Option(nameOf(one), nth)));
    this.element.showModal();
    this.back.enter();
    this.show(pairOf(pictures, at));
  }

  /** A picture that stays where it is is not fetched anew. */
  show(pair) {
    this.pair = pair;
    pair.forEach((which, pane) => {
      this.selects[pane].value = String(which);
      const picture = this.pictures[which];
      if (this.shown[pane] !== picture) this.stages[pane].show(picture, nameOf(picture));
      this.shown[pane] = picture;
    });
    this.stages[0].whole();
  }

  choose(select) {
    this.show(chosen(this.pair, this.selects.indexOf(select), Number(select.value)));
  }

  swap() {
    this.show([...this.pair].reverse());
  }

  /** The other one follows; what it hears of itself meanwhile is no news. */
  changed(pane) {
    const [stage, other] = [this.stages[pane], this.stages[1 - pane]];
    if (this.isFollowing || !other?.frame) return;
    this.isFollowing = true;
    other.become(followed(stage.view, stage.frame, other.frame));
    this.isFollowing = false;
    this.part("smaller").disabled = stage.isWhole;
    this.part("larger").disabled = stage.isLargest;
    this.part("share").textContent = words.share(stage.view.scale);
  }

  get stage() {
    return this.stages.find(({ element }) => element === document.activeElement) ?? this.stages[0];
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.localName === "select") return;
    const wish = meant(event.key, { isWhole: false, isRtl: false });
    if (!wish || wish.step) return;
    event.preventDefault();
    this.stage.obey(wish);
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

  close() {
    this.element.close();
  }

  remove() {
    this.life.abort();
    this.element.remove();
  }
}

function nameOf({ alt, name, nth }) {
  return alt || name || words.picture(nth + 1);
}
