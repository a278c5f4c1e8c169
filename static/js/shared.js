// The script of a shared conversation: finished answers as Markdown, and nothing that asks a server.
import { Pictures } from "./controllers/pictures.js";
import { Reading } from "./controllers/reading.js";
import { Theme } from "./controllers/theme.js";
import { tend } from "./lib/controllers.js";

tend(document, { pictures: Pictures, thread: Reading, theme: Theme }, null);
