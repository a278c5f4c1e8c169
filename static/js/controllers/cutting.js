import { looking } from "../views/later.js";

let view = null;

/** A part of a picture as a file, or null: nothing was cut out. `preview` is what the browser has of it itself,
    mostly with more pixels than what is stored. */
export async function cutOut({ preview, url, name }) {
  const { Cutting } = await looking();
  view ??= new Cutting();
  return view.choose([preview, url].filter(Boolean), name);
}
