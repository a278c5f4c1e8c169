// Whether a thumb was pressed, and whether the answer was reported.

export function showOpinion(element, { feedback }) {
  for (const rating of ["up", "down"]) {
    const thumb = element.querySelector(`[data-part=thumb-${rating}]`);
    thumb?.setAttribute("aria-pressed", String(feedback?.rating === rating));
  }
}
