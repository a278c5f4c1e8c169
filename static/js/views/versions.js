// Which of its siblings a message is: 2/3, with a button to either side.
import { hide } from "../lib/changes.js";

export function showVersions(place, { id, siblings = [] }) {
  const at = siblings.indexOf(id);
  hide(place, siblings.length < 2 || at < 0);
  if (place.hidden) return;
  place.querySelector("[data-part=which]").textContent = `${at + 1}/${siblings.length}`;
  place.querySelector("[data-part=previous]").disabled = at === 0;
  place.querySelector("[data-part=next]").disabled = at === siblings.length - 1;
}
