import { Controller } from "../lib/controllers.js";
import { focusIn } from "../lib/focus.js";
import { grouped } from "../state/listing.js";
import { draw } from "../views/entry.js";

const NARROW = window.matchMedia("(max-width: 46rem)");
const SWIPE_PX = 60;

/** The list of conversations: beside the desk, or a drawer over it where there is no room. */
export class Shelf extends Controller {
  connect() {
    this.list = this.part("list");
    this.on(this.shared, "listing thread", this.soon);
    this.on(this.shared, "arrived", this.soon);
    this.on(document, "keydown", (event) => event.key === "Escape" && this.escaped(event));
    this.on(document, "menu", this.menuOpens);
    this.on(document, "visibilitychange", () => !document.hidden && this.shared.folders.looked());
    this.on(this.list, "click", this.clicked);
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

  /** Tokens do not touch the list: it is drawn again only when what it shows has changed. While a
      title is being edited in it, it waits. */
  sync() {
    const { listing, conversation, folders } = this.shared;
    const { list, answering } = folders;
    const shown = [listing, list, answering, conversation?.id, new Date().toDateString()];
    if (this.shown && shown.every((value, index) => value === this.shown[index])) return;
    if (this.list.querySelector("input")) return;
    this.shown = shown;
    const giveBack = focusIn(this.list);
    draw(this.list, grouped(listing, list, { zone: this.shared.preferences.time_zone }), ({ id }) => ({
      current: id === conversation?.id,
      live: answering.running.has(id),
      unread: answering.unread.has(id),
    }));
    this.part("none").hidden = listing.length + list.length > 0;
    giveBack();
  }

  /** The one that is open is open: a second click on its title is half a double click. */
  clicked(event) {
    const link = event.target.closest?.("a[aria-current]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) event.preventDefault();
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

  /** A menu shows what makes sense for the conversation it was opened for. */
  menuOpens({ target }) {
    const one = this.chosen(target);
    const is = {
      pinned: one?.pinned,
      loose: one && !one.pinned && !one.archived && !one.expires_at,
      listed: one && !one.archived && !one.expires_at,
      archived: one?.archived,
      temporary: Boolean(one?.expires_at),
    };
    for (const item of target.querySelectorAll("[data-when]")) item.hidden = !is[item.dataset.when];
  }

  pin(_event, trigger) {
    return this.set(trigger, { pinned: true });
  }

  unpin(_event, trigger) {
    return this.set(trigger, { pinned: false });
  }

  keep(_event, trigger) {
    return this.set(trigger, { temporary: false });
  }

  unarchive(_event, trigger) {
    return this.set(trigger, { archived: false });
  }

  async archive(_event, trigger) {
    const one = this.chosen(trigger);
    await this.set(trigger, { archived: true });
    if (one) this.shared.tell("archived", one);
  }

  async set(trigger, changes) {
    const one = this.chosen(trigger);
    if (one) await this.attempt(() => this.shared.change(one.id, changes));
  }

  /** At once, and it can be taken back: nobody is asked first. */
  async remove(_event, trigger) {
    const one = this.chosen(trigger);
    if (one) await this.attempt(() => this.shared.remove(one.id, one));
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

  /** What lies on top of it closes first. */
  escaped(event) {
    if (event.defaultPrevented || document.querySelector(":popover-open, dialog[open]")) return;
    this.close();
  }

  /** Where there is room, the shelf is put away and fetched again; the choice is kept. */
  hide() {
    const root = document.documentElement;
    const away = root.dataset.shelf !== "away";
    if (away) root.dataset.shelf = "away";
    else delete root.dataset.shelf;
    try {
      localStorage.setItem("shelf", away ? "away" : "");
    } catch {
      // Storage is forbidden: the choice lasts as long as the page.
    }
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
