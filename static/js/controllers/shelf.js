import { ask } from "../lib/dialog.js";
import { Controller } from "../lib/controllers.js";
import { words } from "../lib/words.js";
import { grouped } from "../state/listing.js";
import { entries } from "../views/entry.js";

const NARROW = window.matchMedia("(max-width: 46rem)");
const SWIPE_PX = 60;

/** The list of conversations: beside the desk, or a drawer over it where there is no room. */
export class Shelf extends Controller {
  connect() {
    this.list = this.part("list");
    this.on(this.shared, "listing thread", this.soon);
    this.on(this.shared, "arrived", this.soon);
    this.on(document, "keydown", (event) => event.key === "Escape" && this.close());
    this.on(NARROW, "change", this.settle);
    this.on(this.element, "touchstart", this.touched, { passive: true });
    this.on(this.element, "touchend", this.released, { passive: true });
    this.on(this.part("scroll"), "scroll", this.scrolled, { passive: true });
    this.settle();
    this.sync();
    this.list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  disconnect() {
    super.disconnect();
    cancelAnimationFrame(this.frame);
  }

  soon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.sync();
    });
  }

  /** Tokens do not touch the list: it is drawn again only when what it shows has changed. */
  sync() {
    const { listing, conversation, run } = this.shared;
    const shown = [listing, conversation?.id, Boolean(run)];
    if (this.shown && shown.every((value, index) => value === this.shown[index])) return;
    this.shown = shown;
    const state = ({ id }) => ({ current: id === conversation?.id, live: Boolean(run) && id === conversation?.id });
    const focused = document.activeElement?.closest?.(".entry")?.dataset.conversation;
    this.list.replaceChildren(entries(grouped(listing), state));
    this.part("none").hidden = listing.length > 0;
    if (focused) this.list.querySelector(`[data-conversation="${focused}"] a`)?.focus();
  }

  // More of it ------------------------------------------------------------------------------------

  scrolled({ target }) {
    if (target.scrollHeight - target.scrollTop - target.clientHeight < 200) this.more();
  }

  async more() {
    if (this.loading) return;
    this.loading = true;
    try {
      const isMore = await this.shared.moreListing();
      this.part("more").hidden = !isMore;
    } catch (error) {
      this.shared.tell("trouble", error.message);
    } finally {
      this.loading = false;
    }
  }

  // One conversation ------------------------------------------------------------------------------

  async rename(_event, trigger) {
    const one = this.chosen(trigger);
    if (!one) return;
    const dialog = document.getElementById("rename");
    const field = dialog.querySelector("input");
    field.value = one.title;
    field.select();
    if ((await ask(dialog)) !== "yes" || !field.value.trim() || field.value.trim() === one.title) return;
    await this.attempt(() => this.shared.change(one.id, { title: field.value.trim() }));
  }

  async remove(_event, trigger) {
    const one = this.chosen(trigger);
    if (!one) return;
    const dialog = document.getElementById("remove");
    dialog.querySelector("[data-part=title]").textContent = one.title || words.newConversation;
    if ((await ask(dialog)) === "yes") await this.attempt(() => this.shared.remove(one.id));
  }

  /** The menu knows by which conversation it was opened. */
  chosen(trigger) {
    const id = trigger.closest("[data-for]").dataset.for || this.shared.conversation?.id;
    return this.shared.listing.find((one) => one.id === id) ??
      (this.shared.conversation?.id === id ? this.shared.conversation : null);
  }

  async attempt(what) {
    try {
      await what();
    } catch (error) {
      this.shared.tell("trouble", error.message);
    }
  }

  // The drawer ------------------------------------------------------------------------------------

  toggle() {
    if (!NARROW.matches) return this.hide();
    if ("open" in this.element.dataset) this.close();
    else this.open();
  }

  open() {
    this.element.dataset.open = "";
    this.settle();
    this.element.querySelector("a, button").focus();
  }

  close() {
    if (!("open" in this.element.dataset)) return;
    delete this.element.dataset.open;
    this.settle();
    document.querySelector(".menu-button").focus();
  }

  /** Where there is room, the shelf is put away and fetched again; the choice is kept. */
  hide() {
    const root = document.documentElement;
    const away = root.dataset.shelf !== "away";
    if (away) root.dataset.shelf = "away";
    else delete root.dataset.shelf;
    localStorage.setItem("shelf", away ? "away" : "");
    document.querySelector(away ? ".menu-button" : ".shelf-head button").focus();
  }

  /** A closed drawer is not there for the keyboard, an open one is all there is. */
  settle() {
    const open = "open" in this.element.dataset;
    this.element.inert = NARROW.matches && !open;
    document.querySelector(".desk").inert = NARROW.matches && open;
    document.querySelector(".menu-button").setAttribute("aria-expanded", String(open));
  }

  touched(event) {
    this.from = event.touches[0].clientX;
  }

  released(event) {
    const moved = event.changedTouches[0].clientX - this.from;
    const outward = document.dir === "rtl" ? moved : -moved;
    if (outward > SWIPE_PX) this.close();
  }
}
