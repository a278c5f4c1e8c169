// The script of pages without a chat: settings.
import { Exports } from "./controllers/exports.js";
import { Imports } from "./controllers/imports.js";
import { Links } from "./controllers/links.js";
import { Notes } from "./controllers/notes.js";
import { Theme } from "./controllers/theme.js";
import { tend } from "./lib/controllers.js";

tend(document, { exports: Exports, imports: Imports, links: Links, notes: Notes, theme: Theme }, null);
