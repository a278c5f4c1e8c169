import { fromTemplate } from "../lib/templates.js";
import { words } from "../lib/words.js";

/** One conversation in the list. */
export function entry(conversation, { current, live }) {
  const element = fromTemplate("entry");
  const link = element.querySelector("a");
  element.dataset.conversation = conversation.id;
  link.href = `/c/${conversation.id}/`;
  link.querySelector("[data-part=title]").textContent = conversation.title || words.newConversation;
  link.querySelector("[data-part=live]").hidden = !live;
  if (current) link.setAttribute("aria-current", "page");
  return element;
}

/** The whole list, in groups by day. */
export function entries(groups, state) {
  const place = document.createDocumentFragment();
  for (const { name, items } of groups) {
    const heading = document.createElement("h2");
    heading.textContent = words[name];
    const list = document.createElement("ol");
    list.append(...items.map((item) => entry(item, state(item))));
    place.append(heading, list);
  }
  return place;
}
