import { fill, ngettext, number } from "./gettext.js";

const KIB = 1024;

/** A number of bytes as people read it. */
export function size(bytes) {
  if (bytes < KIB) return fill(ngettext("{count} byte", "{count} bytes", bytes), { count: number(bytes) });
  const [most, unit] = bytes < KIB * KIB ? [KIB, "KB"] : [KIB * KIB, "MB"];
  const format = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return `${number(bytes / most, format)}\u00a0${unit}`;
}
