// Which questions about pictures are offered, and what offers itself when a model cannot see. Pure.

/** Those for so many pictures. */
export function fitting(questions, count) {
  return count ? questions.filter(({ least }) => least <= count) : [];
}

/** The model that could look at pictures in place of the chosen one; null: it sees, or none of them does. */
export function seeingInstead(models, chosen) {
  const isBlind = models.some(({ id, vision }) => id === chosen && !vision);
  return (isBlind && models.find(({ vision }) => vision)) || null;
}
