import { hide, say } from "../lib/changes.js";
import { Controller } from "../lib/controllers.js";
import { fill, gettext } from "../lib/gettext.js";

/** That the administrators have stopped the site, or that it answers again, also in a page that is open. */
export class Stopped extends Controller {
  connect() {
    this.on(this.shared, "site", ({ detail }) => this.show(detail.stopped));
  }

  show(stopped) {
    if (stopped) say(this.part("why"), sentence(stopped));
    hide(this.element, !stopped);
  }
}

function sentence({ because }) {
  if (!because) return gettext("The administrators have stopped this site. What was said is there; nothing is answered for now.");
  const whole = /[.!?…]$/.test(because) ? because : `${because}.`;
  return fill(gettext("The administrators have stopped this site: {because} Nothing is answered for now."), { because: whole });
}
