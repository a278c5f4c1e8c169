// The script of a case in the review queue: the arrow keys lead to those beside it.
import { Neighbours } from "./controllers/neighbours.js";
import { tend } from "./lib/controllers.js";

tend(document, { neighbours: Neighbours }, null);
