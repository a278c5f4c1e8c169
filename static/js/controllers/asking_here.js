import { questions } from "../live/asking.js";
import { fitting } from "../state/asking.js";
import { plain } from "../state/looking.js";
import { offer, pressed } from "../views/asking.js";

/** What may be asked about the picture on the whole screen, in a row under it. The same button puts it away. */
export async function askHere(view, shared) {
  const place = view.part("questions");
  if (!place.hidden) return show(view, false);
  const offered = fitting(await questions(), 1);
  offer(place, offered);
  place.onclick = (event) => {
    const question = pressed(event, offered);
    if (question) ask(question, event.shiftKey, view, shared);
  };
  view.element.addEventListener("close", () => show(view, false), { once: true });
  show(view, offered.length > 0);
  place.firstElementChild?.focus();
}

function show(view, isShown) {
  view.part("questions").hidden = !isShown;
  view.element.querySelector("[data-act=ask]").setAttribute("aria-expanded", String(isShown));
}

/** Whatever else is being written stays as it is, unless the question is to be changed first. */
async function ask(question, change, view, shared) {
  const image = plain(view.picture);
  await view.leave();
  if (!change) return shared.sending.send({ text: question.text, images: [image], files: [], asks: question.kind });
  shared.tell("usepicture", image);
  shared.tell("ask", { ...question, change });
}
