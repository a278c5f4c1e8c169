// What is said where one asks about pictures.
import { fill, gettext } from "./gettext.js";

export const words = {
  blind: (model, reads) =>
    fill(
      reads
        ? gettext("{model} cannot see pictures. The text in them is read for it.")
        : gettext("{model} cannot see pictures, and nobody here reads the text in them."),
      { model },
    ),
  use: (model) => fill(gettext("Use {model}"), { model }),
  /** Of an answer. */
  sight: (sight, model) =>
    fill(
      sight === "read"
        ? gettext("{model} cannot see pictures. It answered from the text that was read in them.")
        : gettext("{model} cannot see pictures, and no text was read in them."),
      { model },
    ),
};
