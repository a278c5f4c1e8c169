// What of an answer is the text that was asked for. Pure.

const FENCED = /^[ \t]*(`{3,}|~{3,})[^\n`]*\n([\s\S]*?)\n?[ \t]*\1[ \t]*$/m;
const QUOTED = /^["“„«'](.*)["”“»']$/s;
const LABEL = /^\**alt(?:ernative)?[ -]?text\**:\**\s*/i;

/** Whether something else can be done with this answer: `text` to be edited, `alt` to be kept with its picture. */
export function usesOf({ asks, text, status }) {
  const isThere = status !== "running" && Boolean(text.trim());
  return { text: isThere && ["text", "table", "alt"].includes(asks), alt: isThere && asks === "alt" };
}

/** A table is the first block of code, if there is one; a text only where the answer is nothing but one. */
export function contentOf({ asks, text }) {
  const block = FENCED.exec(text);
  const isAll = block && block[0].trim() === text.trim();
  if (block && (isAll || asks === "table")) return block[2];
  return asks === "alt" ? altOf(text) : text.trim();
}

/** Whether the text was asked of a model that was given the words in a picture and not the picture: those words
    are the text, and what such a model makes of them is less. */
export function isOfWords({ asks, sight }) {
  return asks === "text" && sight === "read";
}

export function allRead(images) {
  return images.map(({ text }) => text?.trim()).filter(Boolean).join("\n\n");
}

/** In one line, without what models put around it. */
export function altOf(text) {
  const line = text.trim().replace(LABEL, "").replace(/\s+/g, " ");
  return (QUOTED.exec(line)?.[1] ?? line).trim();
}

export function kindOf({ asks }) {
  return asks === "table" ? "text/csv" : "text/markdown";
}
