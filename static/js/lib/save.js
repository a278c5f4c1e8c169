const ENDINGS = { "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "text/markdown": "md", "text/csv": "csv" };
const NAME_CHARACTERS = 80;
const FORBIDDEN = /[\p{Cc}\p{Cf}\\/:*?"<>|]+/gu; // somewhere, in the name of a file

/** What a picture or a text is called on the disk of who keeps it. */
export function fileName(name, type) {
  const clean = name.replace(FORBIDDEN, " ").replace(/\s+/g, " ").replace(/^[.\s]+/, "").trim();
  const short = [...clean].slice(0, NAME_CHARACTERS).join("").trim();
  return `${short || "picture"}.${ENDINGS[type] ?? "img"}`;
}

/** Save a picture as it is stored, under its name. The address alone would be saved under an id. */
export async function save({ url }, name) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(String(answer.status));
  keep(await answer.blob(), name);
}

/** Save what is at hand. */
export function keep(content, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = fileName(name, content.type);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // by then the browser has begun to read it
}
