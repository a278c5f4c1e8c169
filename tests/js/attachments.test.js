import assert from "node:assert/strict";
import { test } from "node:test";

import * as state from "../../static/js/state/attachments.js";

const IMAGE = { key: "1", kind: "image", name: "a.png" };
const FILE = { key: "2", kind: "file", name: "b.csv" };

test("what is on its way is not sent, and what has arrived is, each kind by itself", () => {
  let list = state.added([], [IMAGE, FILE]);
  assert.ok(state.underway(list));
  list = state.advanced(list, "1", { state: "ready", image: { id: "i" } });
  list = state.advanced(list, "2", { state: "failed" });
  assert.ok(!state.underway(list) && state.failed(list));
  assert.deepEqual([state.images(list), state.files(list)], [[{ id: "i" }], []]);
  list = state.advanced(list, "2", { state: "ready", file: { id: "f" } });
  assert.deepEqual([state.images(list), state.files(list)], [[{ id: "i" }], [{ id: "f" }]]);
  assert.deepEqual(state.removed(list, "1").map((one) => one.key), ["2"]);
});

test("room is counted for each kind", () => {
  const list = state.added([], [IMAGE, FILE, { ...FILE, key: "3" }]);
  assert.equal(state.roomFor(list, "image", 10), 9);
  assert.equal(state.roomFor(list, "file", 2), 0);
  assert.equal(state.roomFor(list, "file", 1), 0);
});

test("a drawing in SVG is a text, a photograph is a picture, and what has no type may be a text", () => {
  const kinds = ["image/png", "image/heic", "image/svg+xml", "text/csv", ""].map((type) => state.kindOf({ type }));
  assert.deepEqual(kinds, ["image", "image", "file", "file", "file"]);
});

test("a pasted text is kept until the server has it", () => {
  let list = state.added([], [{ ...FILE, text: "words" }, IMAGE]);
  assert.deepEqual(state.pasted(list), [{ name: "b.csv", text: "words" }]);
  assert.deepEqual(state.unfinished(list), [IMAGE.name]);
  list = state.advanced(list, "2", { state: "ready", file: { id: "f" } });
  assert.deepEqual(state.pasted(list), []);
  list = state.advanced(list, IMAGE.key, { state: "failed" });
  assert.deepEqual(state.unfinished(list), [IMAGE.name]);
  assert.deepEqual(state.unfinished(state.advanced(list, IMAGE.key, { state: "ready" })), []);
});

test("a second paste has a name of its own", () => {
  const list = [{ name: "Pasted text.txt" }, { name: "Pasted text 2.txt" }];
  assert.equal(state.nameFor([], "Pasted text.txt"), "Pasted text.txt");
  assert.equal(state.nameFor(list, "Pasted text.txt"), "Pasted text 3.txt");
  assert.equal(state.nameFor([{ name: "notes" }], "notes"), "notes 2");
});

test("only what may go well the next time is offered again", () => {
  assert.ok(["unreachable", "rate_limited", "unavailable"].every(state.mayPass));
  assert.ok(!["invalid", "too_large", "unsupported_image"].some(state.mayPass));
});

const PICTURES = ["a", "b", "c"].map((key) => ({ key, kind: "image", name: `${key}.png` }));
const keys = (list) => list.map((one) => one.key).join("");

test("pictures stand first and are moved among themselves, never past an end", () => {
  const list = state.added([], [FILE, ...PICTURES]);
  assert.equal(keys(list), "abc2");
  assert.equal(keys(state.moved(list, "a", 1)), "bac2");
  assert.equal(keys(state.moved(list, "a", Infinity)), "bca2");
  assert.equal(keys(state.moved(list, "c", -5)), "cab2");
  assert.deepEqual(state.placeOf(list, "c"), { at: 2, of: 3 });
  assert.deepEqual(state.placeOf(list, "2"), { at: 0, of: 1 });
});

test("what is moved to where it stands changes nothing", () => {
  const list = state.added([], [...PICTURES, FILE]);
  assert.equal(state.moved(list, "b", 1), list);
  assert.equal(state.moved(list, "c", 9), list);
  assert.equal(state.moved(list, "2", 1), list);
});

test("the order is that of the list and not that in which they arrived", () => {
  let list = state.added([], PICTURES);
  for (const key of ["c", "a", "b"]) list = state.advanced(list, key, { state: "ready", image: { id: key } });
  assert.deepEqual(state.images(state.moved(list, "c", 0)).map(({ id }) => id), ["c", "a", "b"]);
  assert.deepEqual(state.namedImages(list)[0], { id: "a", name: "a.png" });
  assert.ok(state.isThere(list, "image", "c") && !state.isThere(list, "file", "c") && !state.isThere(list, "image", "d"));
});

test("a picture of a kind that the system has no type for is known by its name, and by nothing but that", () => {
  const kind = (name, type = "") => state.kindOf({ name, type });
  assert.deepEqual(["a.HEIC", "b.heif", "c.avif", "d.tif", "e.tiff", "f.bmp"].map((name) => kind(name)), Array(6).fill("image"));
  assert.deepEqual([kind("heic"), kind("a.heic.txt"), kind("a.svg"), kind("a.heic", "text/plain")], Array(4).fill("file"));
});

test("a paste of files whose text is their names is one of files, and any other text stays text", () => {
  const files = [{ name: "a b.png" }, { name: "c.png" }];
  assert.ok(state.isOnlyNames("", files));
  assert.ok(state.isOnlyNames("a b.png\rc.png", files));
  assert.ok(state.isOnlyNames("file:///home/ada/a%20b.png\r\nfile:///home/ada/c.png\r\n", files));
  assert.ok(!state.isOnlyNames("Look at c.png!", files));
  assert.ok(!state.isOnlyNames("c.png\nand more", files));
  assert.ok(!state.isOnlyNames("100%", [{ name: "" }]));
});

test("what did not arrive is told with all the names, those of one reason together", () => {
  const refused = [
    { name: "a.png", message: "No room." },
    { name: "b.gif", message: "No picture." },
    { name: "c.png", message: "No room." },
  ];
  assert.equal(state.reasons(refused), "a.png, c.png: No room. b.gif: No picture.");
  assert.equal(state.reasons([]), "");
});
