import { api } from "../live/api.js";

/** Asks a person what is to be seen in a picture. Resolves with the picture as it is then, or with null. What
    could not be saved stays in the dialog, with the reason. */
export function describe(image) {
  const dialog = document.getElementById("describe");
  const part = (name) => dialog.querySelector(`[data-part="${name}"]`);
  const field = dialog.querySelector("textarea");
  const life = new AbortController();
  let described = null;
  const complain = (sentence) => {
    part("wrong").textContent = sentence;
    part("wrong").hidden = !sentence;
  };
  const save = async (event) => {
    event.preventDefault();
    try {
      described = await api.patch(`images/${image.id}`, { alt: field.value.trim() });
      if (!life.signal.aborted) dialog.close();
    } catch (error) {
      if (!life.signal.aborted) complain(error.message); // else it may be open for another picture by now
    }
  };
  part("picture").src = image.thumbnail_url;
  field.value = image.alt ?? "";
  complain("");
  dialog.querySelector("form").addEventListener("submit", save, { signal: life.signal });
  part("cancel").addEventListener("click", () => dialog.close(), { signal: life.signal });
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      life.abort();
      resolve(described);
    }, { once: true });
  });
}
