// The script of the page of all of one's pictures.
import { Files } from "./controllers/files.js";
import { Gallery } from "./controllers/gallery.js";
import { Theme } from "./controllers/theme.js";
import { tend } from "./lib/controllers.js";
import { pageData } from "./lib/templates.js";

/** What the controllers of this page share: what it was given, and what one asks of another. */
class Page extends EventTarget {
  constructor(given) {
    super();
    Object.assign(this, given);
  }

  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

tend(document, { files: Files, gallery: Gallery, theme: Theme }, new Page(pageData("page")));
