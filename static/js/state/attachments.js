// Pictures and text files on their way into a message. Pure.
// Each: {key, kind: "image" | "file", name, state: "sending" | "ready" | "failed", done (0 to 1),
//        image or file: what the server answered, preview?, text? (of a paste), sentence?}

// What is pasted and longer becomes a file: a field with so much in it is slow, and hides what one asks.
export const PASTE_CHARACTERS = 10_000;
// Refusals after which the same file may be taken a moment later.
const PASSING = new Set(["unreachable", "unavailable", "rate_limited", "internal", "not_logged_in", "csrf_failed"]);

/** A drawing in SVG is text. */
export function kindOf({ type }) {
  return type.startsWith("image/") && type !== "image/svg+xml" ? "image" : "file";
}

/** How many more of a kind fit into the message. */
export function roomFor(list, kind, most) {
  return Math.max(0, most - list.filter((one) => one.kind === kind).length);
}

export function added(list, fresh) {
  return [...list, ...fresh.map((one) => ({ state: "sending", done: 0, ...one }))];
}

export function advanced(list, key, change) {
  return list.map((one) => (one.key === key ? { ...one, ...change } : one));
}

export function removed(list, key) {
  return list.filter((one) => one.key !== key);
}

function ready(list, kind) {
  return list.filter((one) => one.kind === kind && one.state === "ready").map((one) => one[kind]);
}

export function images(list) {
  return ready(list, "image");
}

export function files(list) {
  return ready(list, "file");
}

/** Pasted texts that the server does not have yet. */
export function pasted(list) {
  return list.filter((one) => one.text !== undefined && one.state !== "ready").map(({ name, text }) => ({ name, text }));
}

/** Names of what is lost with the page: chosen, and not with the server yet. */
export function unfinished(list) {
  return list.filter((one) => one.text === undefined && one.state !== "ready").map(({ name }) => name);
}

export function underway(list) {
  return list.some((one) => one.state === "sending");
}

export function failed(list) {
  return list.some((one) => one.state === "failed");
}

export function mayPass(code) {
  return PASSING.has(code);
}

/** `name`, or the same with the first number that no other file of the list has. */
export function nameFor(list, name) {
  const taken = new Set(list.map((one) => one.name));
  const dot = name.includes(".") ? name.lastIndexOf(".") : name.length;
  let tried = name;
  for (let number = 2; taken.has(tried); number += 1) tried = `${name.slice(0, dot)} ${number}${name.slice(dot)}`;
  return tried;
}
