// The script of pages without a chat: settings.
import { Exports } from "./controllers/exports.js";
import { Links } from "./controllers/links.js";
import { Notes } from "./controllers/notes.js";
import { Theme } from "./controllers/theme.js";
import { tend } from "./lib/controllers.js";

tend(document, { exports: Exports, links: Links, notes: Notes, theme: Theme }, null);
