// Answers that end between two pages, or between a page and its line.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Folders } from "../../static/js/live/folders.js";

let answers;

beforeEach(() => {
  const storage = () => ({
    held: new Map(),
    getItem(key) {
      return this.held.get(key) ?? null;
    },
    setItem(key, value) {
      this.held.set(key, value);
    },
  });
  globalThis.localStorage = storage();
  globalThis.sessionStorage = storage();
  globalThis.document = { hidden: false, cookie: "" };
  globalThis.window = { addEventListener() {} };
  globalThis.fetch = async () => new Response(JSON.stringify({ items: answers.map((conversation) => ({ conversation })) }));
});

/** A page of this tab, with what the server says is being answered. */
function page(answering, open = null) {
  const chat = { conversation: open && { id: open }, tell() {} };
  const folders = new Folders(chat, { user: { id: "ada" }, answering });
  folders.start();
  return folders;
}

const signs = ({ answering }) => [[...answering.running], [...answering.unread]];

test("an answer that ends while another page is opened is unread there, and read where it is opened", () => {
  page(["a"], "a");
  assert.deepEqual(signs(page([], "b")), [[], ["a"]]);
  assert.deepEqual(signs(page([], "a")), [[], []]);
  assert.deepEqual(signs(page([], "b")), [[], []]);
});

test("an answer that ends while its own page is loaded anew is not unread, unless that page is hidden", () => {
  page(["a"], "a");
  assert.deepEqual(signs(page([], "a")), [[], []]);
  page(["a"], "a");
  document.hidden = true;
  assert.deepEqual(signs(page([], "a")), [[], ["a"]]);
});

test("an answer that ended before the line was there is not said to go on for ever", async () => {
  answers = ["c"];
  const folders = page(["a", "b", "c"], "a");
  await folders.settle();
  assert.deepEqual(signs(folders), [["c"], ["b"]]);
});

test("nothing is asked where nothing is being answered", async () => {
  globalThis.fetch = () => assert.fail("it was asked");
  await page([], "a").settle();
});
