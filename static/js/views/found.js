import { language } from "../lib/gettext.js";
import { words } from "../lib/words.js";

/** A row of the palette, made of one of its templates. What was found is text, and marked as such. */
export function row(template, item) {
  const element = template.content.firstElementChild.cloneNode(true);
  element.href = item.href;
  element.querySelector("time").textContent = day(item.at);
  if (item.kind === "conversation") {
    element.querySelector("[data-part=title]").replaceChildren(...segments(item.title, words.newConversation));
  } else {
    element.querySelector("[data-part=who]").textContent = item.own ? words.you : words.model;
    element.querySelector("[data-part=text]").replaceChildren(...segments(item.segments));
    if (item.more) element.querySelector("time").textContent = words.moreFound(item.more);
  }
  return element;
}

function segments(list, otherwise = "") {
  const shown = list.map(({ text, match }) => {
    if (!match) return text;
    const mark = document.createElement("mark");
    mark.textContent = text;
    return mark;
  });
  return list.some(({ text }) => text) ? shown : [otherwise];
}

function day(moment) {
  const at = new Date(moment);
  const thisYear = at.getFullYear() === new Date().getFullYear();
  return at.toLocaleDateString(language, { day: "numeric", month: "short", ...(!thisYear && { year: "numeric" }) });
}
