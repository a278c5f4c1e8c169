// The script of pages without a chat: settings.
import { Theme } from "./controllers/theme.js";
import { tend } from "./lib/controllers.js";

tend(document, { theme: Theme }, null);
