import { Controller } from "../lib/controllers.js";

/** The menu of a picture above the field: what is chosen there is told to the picture that it is about. */
export class Tray extends Controller {
  connect() {
    this.on(this.element, "menu", this.opened);
    this.on(this.element, "click", this.chosen);
  }

  opened() {
    const opener = document.querySelector(`[data-menu="${this.element.id}"][aria-expanded="true"]`);
    this.figure = opener.closest("figure");
    const pictures = [...this.figure.parentElement.querySelectorAll("figure:not(.text)")];
    const at = pictures.indexOf(this.figure);
    const stored = pictures.filter(({ dataset }) => dataset.state === "ready");
    this.item("compare").hidden = this.figure.dataset.state !== "ready" || stored.length < 2;
    for (const name of ["look", "cut", "describe"]) this.item(name).hidden = this.figure.dataset.state !== "ready";
    this.item("earlier").hidden = at === 0;
    this.item("later").hidden = at === pictures.length - 1;
  }

  item(name) {
    return this.element.querySelector(`[data-do="${name}"]`);
  }

  chosen(event) {
    const name = event.target.closest("[data-do]")?.dataset.do;
    if (name) this.figure.dispatchEvent(new CustomEvent("chosen", { bubbles: true, detail: name }));
  }
}
