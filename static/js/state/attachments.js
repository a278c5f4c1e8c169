// Pictures on their way into a message. Pure.
// Each: {key, name, preview, state: "sending" | "ready" | "failed", done (0 to 1), image, sentence}

export function added(list, files, most) {
  const room = Math.max(0, most - list.length);
  return [...list, ...files.slice(0, room).map((file) => ({ state: "sending", done: 0, ...file }))];
}

export function advanced(list, key, change) {
  return list.map((one) => (one.key === key ? { ...one, ...change } : one));
}

export function removed(list, key) {
  return list.filter((one) => one.key !== key);
}

export function images(list) {
  return list.filter((one) => one.state === "ready").map((one) => one.image);
}

export function underway(list) {
  return list.some((one) => one.state === "sending");
}
