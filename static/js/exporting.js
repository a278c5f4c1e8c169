// The script of an export in the admin: a plain form does the work, this says how far it is.
import { Exporting } from "./controllers/exporting.js";
import { tend } from "./lib/controllers.js";

tend(document, { exporting: Exporting }, null);
