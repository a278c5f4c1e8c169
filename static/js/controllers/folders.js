import { Controller } from "../lib/controllers.js";
import { ask } from "../lib/dialog.js";
import { fromTemplate } from "../lib/templates.js";

/** Folders in the sidebar: made, renamed, moved, folded, taken apart; and what is put into them by menu. */
export class Folders extends Controller {
  get folders() {
    return this.shared.folders;
  }

  async attempt(what) {
    try {
      return await what();
    } catch (error) {
      this.shared.tell("trouble", error.message);
      return null;
    }
  }

  folderAt(trigger) {
    const id = trigger.closest("[data-folder]")?.dataset.folder ?? trigger.closest("[data-for]").dataset.for;
    return this.folders.of(id);
  }

  // A folder ----------------------------------------------------------------------------------------

  fold(_event, trigger) {
    const folder = this.folderAt(trigger);
    if (!folder) return;
    const folded = !folder.folded;
    this.folders.become(this.folders.list.map((one) => (one === folder ? { ...folder, folded } : one)));
    this.attempt(() => this.folders.change(folder.id, { folded }));
  }

  async make() {
    const name = await this.nameFor("");
    return name ? this.attempt(() => this.folders.create(name)) : null;
  }

  async rename(_event, trigger) {
    const folder = this.folderAt(trigger);
    const name = folder && (await this.nameFor(folder.name));
    if (name && name !== folder.name) await this.attempt(() => this.folders.change(folder.id, { name }));
  }

  async nameFor(before) {
    const dialog = document.getElementById("folder-name");
    const field = dialog.querySelector("input");
    field.value = before;
    field.select();
    return (await ask(dialog)) === "yes" ? field.value.trim() : "";
  }

  up(_event, trigger) {
    return this.step(trigger, -1);
  }

  down(_event, trigger) {
    return this.step(trigger, 1);
  }

  async step(trigger, by) {
    const folder = this.folderAt(trigger);
    const position = this.folders.list.indexOf(folder) + by;
    if (!folder || position < 0 || position >= this.folders.list.length) return;
    await this.attempt(() => this.folders.change(folder.id, { position }));
  }

  async remove(_event, trigger) {
    const folder = this.folderAt(trigger);
    if (!folder) return;
    const dialog = document.getElementById("remove-folder");
    dialog.querySelector("[data-part=title]").textContent = folder.name;
    if ((await ask(dialog)) === "yes") await this.attempt(() => this.takeApart(folder.id));
  }

  /** The button with the focus goes with the folder. */
  async takeApart(id) {
    await this.folders.remove(id);
    this.element.querySelector('[data-action="folders#make"]').focus();
  }

  // What is put into it -----------------------------------------------------------------------------

  /** From the menu of a conversation to the menu of folders, in the same place. */
  choose(_event, trigger) {
    const menu = document.getElementById("move-menu");
    const from = trigger.closest("[data-for]");
    const one = this.conversation(from.dataset.for);
    if (!one) return;
    menu.querySelector("[data-part=choices]").replaceChildren(
      ...this.folders.list.map((folder) => this.choice(folder, one.folder === folder.id)),
    );
    menu.querySelector("[data-action='folders#moveOut']").hidden = !this.folders.of(one.folder);
    this.shared.tell("openmenu", { menu, beside: from, conversation: one.id });
  }

  choice(folder, isChosen) {
    const item = fromTemplate("choice");
    item.dataset.choice = folder.id;
    item.setAttribute("aria-checked", String(isChosen));
    item.querySelector("[data-part=name]").textContent = folder.name;
    return item;
  }

  conversation(id) {
    const { listing, conversation } = this.shared;
    return listing.find((one) => one.id === (id || conversation?.id)) ?? conversation;
  }

  move(_event, trigger) {
    return this.put(trigger, trigger.dataset.choice);
  }

  moveOut(_event, trigger) {
    return this.put(trigger, null);
  }

  async moveToNew(_event, trigger) {
    const folder = await this.make();
    if (folder) await this.put(trigger, folder.id);
  }

  async put(trigger, folder) {
    const one = this.conversation(trigger.closest("[data-for]").dataset.for);
    const changes = { folder, ...(folder && one.pinned && { pinned: false }) };
    await this.attempt(() => this.shared.change(one.id, changes));
  }
}
