import assert from "node:assert/strict";
import { test } from "node:test";

import { addressIn, without } from "../../static/js/state/linked.js";

test("an address of a picture, pasted alone, is one", () => {
  for (const address of [
    "https://example.org/a.png",
    "http://example.org/a/b.JPEG?w=1#part",
    "https://example.org/media/x?format=jpg&name=large",
    "https://images.example/photo?fm=webp",
    "https://example.org/scan.tiff",
  ]) {
    assert.equal(addressIn(` ${address}\n`), address);
  }
});

test("anything else is text", () => {
  for (const text of [
    "", "a.png", "https://example.org/", "https://example.org/page.html", "https://example.org/a.svg",
    "https://example.org/a.png and more", "see https://example.org/a.png", "ftp://example.org/a.png",
    "file:///a.png", "data:image/png;base64,AAAA", "https://user:word@example.org/a.png",
    "https://example.org/a.png\nhttps://example.org/b.png", "https:///", `https://example.org/${"a".repeat(4000)}.png`,
  ]) {
    assert.equal(addressIn(text), "", text.slice(0, 40));
  }
});

test("what became a picture leaves the text, and nothing else does", () => {
  const address = "https://example.org/a.png?b=$&";
  assert.equal(without(address, address), "");
  assert.equal(without(`What is this? ${address}`, address), "What is this?");
  assert.equal(without(`${address} What is this?`, address), "What is this?");
  assert.equal(without(`What\n${address}\nis this?`, address), "What is this?");
  assert.equal(without("It was changed.", address), "It was changed.");
  assert.equal(without("Kept.", ""), "Kept.");
});
