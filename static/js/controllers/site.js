import { Controller } from "../lib/controllers.js";
import { hide, put, say } from "../lib/changes.js";
import { toField } from "../lib/fields.js";

/** What an administrator says to all, and what the site is called: as it is now, also in a page that is open. */
export class Site extends Controller {
  connect() {
    this.which = this.element.querySelector("[name=which]");
    this.on(this.shared, "site", ({ detail }) => this.show(detail));
    this.on(this.part("away"), "submit", this.putAway);
  }

  /** What was put away stays so, until another stands in its place. */
  show({ name, banner }) {
    for (const brand of document.querySelectorAll(".brand")) say(brand.lastChild, name);
    const id = banner?.id ?? "";
    if (this.which.value === id) return;
    this.which.value = id;
    this.say(banner);
  }

  say(banner) {
    hide(this.element, !banner);
    if (!banner) return;
    put(this.element, "data-tone", banner.tone);
    this.part("text").replaceChildren(...banner.parts.map(element));
  }

  /** Without leaving the page: what is being written stays. */
  putAway(event) {
    event.preventDefault();
    const form = event.target;
    fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" }).catch(() => {}); // the next page has it again
    hide(this.element, true);
    toField();
  }
}

function element({ text, href }) {
  if (!href) return document.createTextNode(text);
  const link = document.createElement("a");
  Object.assign(link, { href, target: "_blank", rel: "noopener noreferrer nofollow", textContent: text });
  return link;
}
