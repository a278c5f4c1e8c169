import { Controller } from "../lib/controllers.js";

/** Light, dark, or as the system says. The choice stays in this browser; the head of the page applies it. */
export class Theme extends Controller {
  connect() {
    this.on(this.element, "change", ({ target }) => target.name === "theme" && this.choose(target.value));
    this.on(window, "storage", (event) => event.key === "theme" && this.apply(event.newValue ?? ""));
    this.apply(document.documentElement.dataset.theme ?? "");
  }

  pick(_event, trigger) {
    this.choose(trigger.dataset.themeName);
  }

  choose(theme) {
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // Storage is forbidden: the choice lasts as long as the page.
    }
    this.apply(theme);
  }

  apply(theme) {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    for (const input of this.element.querySelectorAll("input[name=theme]")) input.checked = input.value === theme;
  }
}
