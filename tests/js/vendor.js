// Node looks for libraries in node_modules, which this repository does not keep: `make assets` puts
// them into static/vendor, where the page has them too. Import this first, then the module dynamically.
import { register } from "node:module";

const vendor = new URL("../../static/vendor/", import.meta.url).href;
const hook = `export async function resolve(name, context, next) {
  return name === "marked" ? { url: "${vendor}marked.esm.js", shortCircuit: true } : next(name, context);
}`;

register(`data:text/javascript,${encodeURIComponent(hook)}`);
