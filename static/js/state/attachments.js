// Pictures and text files on their way into a message. Pure.
// Each: {key, kind: "image" | "file", name, state: "sending" | "ready" | "failed", done (0 to 1),
//        image or file: what the server answered, preview?, text? (of a paste), sentence?}
// Pictures stand first, as in the message.

// What is pasted and longer becomes a file: a field with so much in it is slow, and hides what one asks.
export const PASTE_CHARACTERS = 10_000;
// Refusals after which the same file may be taken a moment later.
const PASSING = new Set(["unreachable", "unavailable", "rate_limited", "internal", "not_logged_in", "csrf_failed"]);
// Pictures that many systems know no type of: the name has to say it.
const PICTURES = /\.(heic|heif|avif|tiff?|bmp|dib)$/i;

/** A drawing in SVG is text. */
export function kindOf({ type, name = "" }) {
  const isPicture = type ? type.startsWith("image/") && type !== "image/svg+xml" : PICTURES.test(name);
  return isPicture ? "image" : "file";
}

/** Whether a pasted text says nothing but what the files beside it are called: so file managers copy. */
export function isOnlyNames(text, files) {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim());
  return lines.every((line) => files.some(({ name }) => name && [line, unescaped(line)].some((one) => one.trimEnd().endsWith(name))));
}

function unescaped(address) {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}

/** How many more of a kind fit into the message. */
export function roomFor(list, kind, most) {
  return Math.max(0, most - ofKind(list, kind).length);
}

function ofKind(list, kind) {
  return list.filter((one) => one.kind === kind);
}

function inOrder(list) {
  return [...ofKind(list, "image"), ...ofKind(list, "file")];
}

export function added(list, fresh) {
  return inOrder([...list, ...fresh.map((one) => ({ state: "sending", done: 0, ...one }))]);
}

export function advanced(list, key, change) {
  return list.map((one) => (one.key === key ? { ...one, ...change } : one));
}

export function removed(list, key) {
  return list.filter((one) => one.key !== key);
}

/** With one of them at the place `to` of its kind, counted from 0; the same list where it stands there. */
export function moved(list, key, to) {
  const one = list.find((other) => other.key === key);
  const others = ofKind(removed(list, key), one.kind);
  const place = Math.min(Math.max(0, to), others.length);
  if (place === placeOf(list, key).at) return list;
  const rest = list.filter((other) => other.kind !== one.kind);
  return inOrder([...others.slice(0, place), one, ...others.slice(place), ...rest]);
}

/** Where it stands among those of its kind, from 0, and how many those are. */
export function placeOf(list, key) {
  const { kind } = list.find((one) => one.key === key);
  const all = ofKind(list, kind);
  return { at: all.findIndex((one) => one.key === key), of: all.length };
}

/** Whether the server has said of another one that it is the very same. */
export function isThere(list, kind, id) {
  return list.some((one) => one[kind]?.id === id);
}

function ready(list, kind) {
  return ofKind(list, kind).filter((one) => one.state === "ready").map((one) => one[kind]);
}

export function images(list) {
  return ready(list, "image");
}

/** The same with what they are called, which the server does not keep. */
export function namedImages(list) {
  const there = ofKind(list, "image").filter((one) => one.state === "ready");
  return there.map(({ image, name }) => ({ ...image, name }));
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

/** Why some did not arrive: those that have the same reason together. */
export function reasons(refused) {
  const named = new Map();
  for (const { name, message } of refused) named.set(message, [...(named.get(message) ?? []), name]);
  return [...named].map(([message, names]) => `${names.join(", ")}: ${message}`).join(" ");
}

/** `name`, or the same with the first number that no other file of the list has. */
export function nameFor(list, name) {
  const taken = new Set(list.map((one) => one.name));
  const dot = name.includes(".") ? name.lastIndexOf(".") : name.length;
  let tried = name;
  for (let number = 2; taken.has(tried); number += 1) tried = `${name.slice(0, dot)} ${number}${name.slice(dot)}`;
  return tried;
}
