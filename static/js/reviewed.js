// The script of a transcript in the admin: what was said, as who asked saw it.
import { Reading } from "./controllers/reading.js";
import { tend } from "./lib/controllers.js";

tend(document, { reviewed: Reading }, null);
