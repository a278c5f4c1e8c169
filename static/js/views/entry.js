import { arrange } from "../lib/arrange.js";
import { hide, put, say } from "../lib/changes.js";
import { language } from "../lib/gettext.js";
import { fromTemplate } from "../lib/templates.js";
import { words } from "../lib/words.js";

const MONTH = new Intl.DateTimeFormat(language, { month: "long", year: "numeric" });

/** One conversation in the list: `state` says whether it is open, being answered, or answered unseen. */
function show(element, conversation, { current, live, unread }) {
  const link = element.querySelector("a");
  put(element, "data-conversation", conversation.id);
  put(link, "href", `/c/${conversation.id}/`);
  say(link.querySelector("[data-part=title]"), conversation.title || words.newConversation);
  const sign = link.querySelector("[data-part=live]");
  hide(sign, !live && !unread);
  sign.classList.toggle("unread", !live && unread);
  say(sign.querySelector("[data-part=state]"), live ? words.beingAnswered : unread ? words.answeredUnseen : "");
  if (current) put(link, "aria-current", "page");
  else link.removeAttribute("aria-current");
}

function heading({ name, folder, month }) {
  if (folder) return folder.name;
  return month ? MONTH.format(new Date(`${month}-15T12:00`)) : words[name];
}

function showGroup(element, group, state) {
  const { folder, items } = group;
  say(element.querySelector("[data-part=name]"), heading(group));
  if (folder) {
    put(element, "data-folder", folder.id);
    put(element.querySelector("[data-part=fold]"), "aria-expanded", String(!folder.folded));
    hide(element.querySelector("[data-part=nothing]"), folder.folded || items.length > 0);
  }
  const list = element.querySelector("ol");
  hide(list, Boolean(folder?.folded));
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
