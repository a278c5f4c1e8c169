// Whether a thumb was pressed, and whether the answer was reported.
import { put } from "../lib/changes.js";

export function showOpinion(part, { feedback }) {
  for (const rating of ["up", "down"]) {
    const thumb = part(`thumb-${rating}`);
    if (thumb) put(thumb, "aria-pressed", String(feedback?.rating === rating));
  }
}
