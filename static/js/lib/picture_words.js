// What is said where one looks at pictures: fetched with that, not with every page.
import { fill, gettext, language, ngettext, number } from "./gettext.js";

const UNITS = [[2 ** 20, gettext("{size} MB")], [2 ** 10, gettext("{size} KB")]];

function size(bytes) {
  const [unit, sentence] = UNITS.find(([least]) => bytes >= least) ?? UNITS.at(-1);
  return fill(sentence, { size: number(bytes / unit, { maximumFractionDigits: 1 }) });
}

export const words = {
  picture: (which) => fill(gettext("Picture {number}"), { number: which }),
  /** There are more than those that are known. */
  place: (which, all, isCut) =>
    isCut ? fill(gettext("{which} of {all}+"), { which, all }) : fill(gettext("{which} of {all}"), { which, all }),
  facts: ({ width, height, bytes, created_at: at }) =>
    [
      fill(gettext("{width} × {height} pixels"), { width: number(width), height: number(height) }),
      bytes && size(bytes),
      at && new Date(at).toLocaleDateString(language, { dateStyle: "medium" }),
    ]
      .filter(Boolean)
      .join(" · "),
  from: (site) => fill(gettext("From {site}"), { site }),
  share: (share) => number(share, { style: "percent" }),
  notSaved: gettext("The picture could not be fetched. Try again."),
  pixels: ({ width, height }) => fill(gettext("{width} × {height} pixels"), { width: number(width), height: number(height) }),
  partOf: (name) => fill(gettext("Part of {name}"), { name }),
  notCut: gettext("This picture could not be cut."),
  aPicture: gettext("Picture"),
  pictureIn: (title) => fill(gettext("Picture in “{title}”"), { title }),
  choose: (name) => fill(gettext("Choose {name}"), { name }),
  toDelete: (count) => fill(ngettext("Delete {count} picture?", "Delete {count} pictures?", count), { count: number(count) }),
  tooMany: (most) =>
    fill(ngettext("At most {most} picture fits into one message.", "At most {most} pictures fit into one message.", most), { most }),
  chosen: (count) => fill(ngettext("{count} picture chosen", "{count} pictures chosen", count), { count: number(count) }),
  deleted: (count) => fill(ngettext("{count} picture deleted.", "{count} pictures deleted.", count), { count: number(count) }),
};
