// What the model asked of tools: a line for each call, which opens to what went in and what came out.
import { fromTemplate } from "../lib/templates.js";
import { words } from "../lib/words.js";

/** A known call keeps its element, and stays open when it was opened. */
export function showCalls(place, calls) {
  const held = new Map([...place.children].map((line) => [line.dataset.call, line]));
  const lines = calls.map((call) => shown(held.get(String(call.id)) ?? fromTemplate("tool-call"), call));
  if (lines.length !== place.children.length || lines.some((line, at) => line !== place.children[at])) {
    place.replaceChildren(...lines);
  }
}

function shown(line, { id, name, status, arguments: input, result }) {
  const part = (which) => line.querySelector(`[data-part=${which}]`);
  line.dataset.call = String(id);
  line.dataset.status = status;
  part("name").textContent = String(name ?? "");
  part("status").textContent = words.callStatus(status);
  write(part("input"), input);
  write(part("result"), result);
  part("result-of").hidden = result === undefined || result === null;
  return line;
}

/** JSON is laid out to be read; anything else is shown as it is. */
function write(place, value) {
  const text = typeof value === "string" ? laidOut(value) : JSON.stringify(value ?? "", null, 2);
  if (place.textContent !== text) place.textContent = text;
}

function laidOut(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
