// What is said where one asks about pictures.
import { fill, gettext } from "./gettext.js";

const EXTRACTED = { text: gettext("Text"), table: gettext("Table"), alt: gettext("Description") };

export const words = {
  blind: (model, reads) =>
    fill(
      reads
        ? gettext("{model} cannot see pictures. The text in them is read for it.")
        : gettext("{model} cannot see pictures, and nobody here reads the text in them."),
      { model },
    ),
  use: (model) => fill(gettext("Use {model}"), { model }),
  /** What was read in a picture. */
  extracted: (asks) => EXTRACTED[asks],
  kept: gettext("Kept with the picture."),
  severalPictures: gettext("This is about several pictures. Open it as text, and copy what belongs to each."),
  /** Of an answer. */
  sight: (sight, model) =>
    fill(
      sight === "read"
        ? gettext("{model} cannot see pictures. It answered from the text that was read in them.")
        : gettext("{model} cannot see pictures, and no text was read in them."),
      { model },
    ),
};
