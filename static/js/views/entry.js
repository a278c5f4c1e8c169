import { arrange } from "../lib/arrange.js";
import { language } from "../lib/gettext.js";
import { fromTemplate } from "../lib/templates.js";
import { words } from "../lib/words.js";

const MONTH = new Intl.DateTimeFormat(language, { month: "long", year: "numeric" });

/** One conversation in the list: `state` says whether it is open, being answered, or answered unseen. */
function show(element, conversation, { current, live, unread }) {
  const link = element.querySelector("a");
  element.dataset.conversation = conversation.id;
  link.href = `/c/${conversation.id}/`;
  setText(link.querySelector("[data-part=title]"), conversation.title || words.newConversation);
  const sign = link.querySelector("[data-part=live]");
  sign.hidden = !live && !unread;
  sign.classList.toggle("unread", !live && unread);
  setText(sign.querySelector("[data-part=state]"), live ? words.beingAnswered : unread ? words.answeredUnseen : "");
  if (current) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function heading({ name, folder, month }) {
  if (folder) return folder.name;
  return month ? MONTH.format(new Date(`${month}-15T12:00`)) : words[name];
}

function showGroup(element, group, state) {
  const { folder, items } = group;
  setText(element.querySelector("[data-part=name]"), heading(group));
  if (folder) {
    element.dataset.folder = folder.id;
    element.querySelector("[data-part=fold]").setAttribute("aria-expanded", String(!folder.folded));
    element.querySelector("[data-part=nothing]").hidden = folder.folded || items.length > 0;
  }
  const list = element.querySelector("ol");
  list.hidden = Boolean(folder?.folded);
  arrange(list, items, {
    key: (item) => item.id,
    make: () => fromTemplate("entry"),
    show: (one, item) => show(one, item, state(item)),
  });
}

/** The whole list in `place`: pinned ones, folders, days. What stands there already stays. */
export function draw(place, groups, state) {
  arrange(place, groups, {
    key: (group) => group.key,
    make: (group) => fromTemplate(group.folder ? "folder" : "day"),
    show: (element, group) => showGroup(element, group, state),
  });
}
