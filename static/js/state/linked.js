// Addresses of pictures among what is pasted. Pure.

const MOST = 4000; // as the server has it
const PICTURE = /\.(png|jpe?g|gif|webp|avif|heic|heif|bmp|tiff?)$/i;

/** What was pasted, if that is nothing but the address of a picture; else "". */
export function addressIn(pasted) {
  const text = pasted.trim();
  const url = text.length <= MOST && !/\s/.test(text) && URL.canParse(text) ? new URL(text) : null;
  if (!["http:", "https:"].includes(url?.protocol) || url.username) return "";
  const said = url.searchParams.get("format") ?? url.searchParams.get("fm");
  return PICTURE.test(url.pathname) || PICTURE.test(`.${said}`) ? text : "";
}

/** The text without an address that stands in it as a picture now. */
export function without(text, address) {
  const at = address ? text.indexOf(address) : -1;
  if (at < 0) return text;
  const [before, after] = [text.slice(0, at), text.slice(at + address.length)];
  return before.trim() && after.trim() ? `${before.trimEnd()} ${after.trimStart()}` : before.trimEnd() + after.trimStart();
}
