// What is said where one looks at pictures: fetched with that, not with every page. So words.js, which is on every
// page already, is not imported: it would come a second time.
import { fill, gettext, ngettext, number } from "./gettext.js";
import { day } from "./moments.js";
import { size } from "./sizes.js";

function pixels({ width, height }) {
  return fill(gettext("{width} × {height} pixels"), { width: number(width), height: number(height) });
}

export const words = {
  picture: (which) => fill(gettext("Picture {number}"), { number: which }),
  /** There are more than those that are known. */
  place: (which, all, isCut) =>
    isCut ? fill(gettext("{which} of {all}+"), { which, all }) : fill(gettext("{which} of {all}"), { which, all }),
  facts: ({ width, height, bytes, created_at: at }) =>
    [pixels({ width, height }), bytes && size(bytes), at && day(at)].filter(Boolean).join(" · "),
  from: (site) => fill(gettext("From {site}"), { site }),
  share: (share) => number(share, { style: "percent" }),
  notSaved: gettext("The picture could not be fetched. Try again."),
  pixels,
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
