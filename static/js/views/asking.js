import { fromTemplate } from "../lib/templates.js";

/** Questions as buttons, in the room for them; each knows which one it is. */
export function offer(place, questions) {
  place.replaceChildren(...questions.map(chip));
}

function chip({ id, name, text }) {
  const button = fromTemplate("picture-question");
  Object.assign(button, { textContent: name, title: text });
  button.dataset.question = id;
  return button;
}

/** The one whose button was pressed. */
export function pressed({ target }, questions) {
  const id = target.closest("[data-question]")?.dataset.question;
  return questions.find((one) => one.id === id);
}
