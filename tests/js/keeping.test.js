import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { draftGoesOn, draftOf, earlyText, keepDraft, sweepDrafts } from "../../static/js/lib/drafts.js";
import { Store } from "../../static/js/lib/store.js";
import { Tab } from "../../static/js/lib/tab.js";

const DAY = 86_400_000;

/** As a browser's Storage: its keys are the names of its own properties. */
function storage(most = Infinity) {
  const place = Object.create({
    getItem(key) {
      return this[key] ?? null;
    },
    setItem(key, value) {
      if (value.length > most) throw new Error("full");
      this[key] = value;
    },
    removeItem(key) {
      delete this[key];
    },
  });
  return new Store(() => place);
}

/** The same browser, another look at it. */
function copyOf(store) {
  const copy = storage();
  for (const key of store.keys("")) copy.write(key, store.read(key));
  return copy;
}

let local, now, sessions;

beforeEach(() => {
  [local, now, sessions] = [storage(), 1_000_000, []];
});

function opened(session = storage()) {
  const tab = new Tab(local, session, () => now);
  tab.sign();
  session.write("tab", tab.id);
  session.write("here", true);
  sessions.push(session);
  return tab;
}

const draft = (text, more = {}) => ({ text, images: [], files: [], ...more });
const read = (tab, conversation = "c") => draftOf("ada", conversation, tab, local);
const keep = (tab, written, conversation = "c") => keepDraft("ada", conversation, written, tab, local);

test("a tab is the same one after a reload", () => {
  const before = opened();
  before.leave();
  const after = opened(sessions[0]);
  assert.equal(after.id, before.id);
  keep(before, draft("half a question"));
  assert.equal(read(after).text, "half a question");
});

test("two tabs of one conversation keep what was typed in each", () => {
  const [one, other] = [opened(), opened()];
  keep(one, draft("one"));
  keep(other, draft("other"));
  keep(other, draft(""));
  assert.deepEqual([read(one).text, read(other).text], ["one", ""]);
});

test("a copied tab gets an id of its own, and the draft", () => {
  const one = opened();
  keep(one, draft("one"));
  const copy = opened(copyOf(sessions[0]));
  assert.notEqual(copy.id, one.id);
  assert.equal(read(copy).text, "one");
  keep(one, draft("one and more"));
  assert.deepEqual([read(one).text, read(copy).text], ["one and more", "one"]);
});

test("what a closed tab left is found by the next, the newest first, and once", () => {
  const [one, two] = [opened(), opened()];
  keep(one, draft("old"));
  local.write(local.keys("draft:")[0], { ...draft("old"), at: 1 });
  keep(two, draft("new"));
  one.leave();
  two.leave();
  const [third, fourth] = [opened(), opened()];
  assert.deepEqual([read(third).text, read(fourth).text], ["new", "old"]);
  assert.equal(read(opened()).text, "");
});

test("a tab that gives no sign for ten minutes is gone, and one that is there is not", () => {
  const [one, other] = [opened(), opened()];
  now += 5 * 60_000;
  assert.ok(!other.isGone(one.id));
  now += 6 * 60_000;
  assert.ok(other.isGone(one.id));
  assert.ok(!one.isGone(one.id));
  one.sign();
  assert.ok(!other.isGone(one.id));
});

test("people and conversations are kept apart", () => {
  const tab = opened();
  keep(tab, draft("x"));
  assert.equal(read(tab, "d").text, "");
  assert.equal(draftOf("ben", "c", tab, local).text, "");
  keep(tab, draft("new one"), null);
  assert.equal(read(tab, null).text, "new one");
});

test("files alone are a draft, and pasted text is kept until it is a file", () => {
  const tab = opened();
  keep(tab, draft("", { files: [{ id: "f" }] }));
  assert.deepEqual(read(tab).files, [{ id: "f" }]);
  keep(tab, draft("", { pasted: [{ name: "a.txt", text: "long" }] }));
  assert.deepEqual(read(tab).pasted, [{ name: "a.txt", text: "long" }]);
  keep(tab, draft("", { lost: ["b.png"] }));
  assert.deepEqual(read(tab).lost, ["b.png"]);
  keep(tab, draft(""));
  assert.deepEqual([read(tab).lost, local.keys("draft:")], [[], []]);
});

test("drafts that nobody came back for are forgotten after a month", () => {
  const tab = opened();
  keep(tab, draft("x"));
  sweepDrafts(Date.now() + 29 * DAY, local);
  assert.equal(read(tab).text, "x");
  sweepDrafts(Date.now() + 31 * DAY, local);
  assert.equal(read(tab).text, "");
});

test("storage that is full, forbidden or full of nonsense breaks nothing", () => {
  const forbidden = new Store(() => {
    throw new Error("SecurityError");
  });
  const full = storage(3);
  assert.equal(forbidden.write("a", 1), false);
  assert.deepEqual([forbidden.read("a"), forbidden.keys("")], [null, []]);
  forbidden.remove("a");
  assert.equal(full.write("a", "words"), false);
  const odd = storage();
  odd.place.setItem("a", "{");
  assert.equal(odd.read("a"), null);
  assert.equal(draftOf("ada", "c", opened(), forbidden).text, "");
});

test("what was typed for a conversation that is gone is for the next new one", () => {
  const tab = opened();
  keep(tab, draft("half", { files: [{ id: "f" }] }), "gone");
  keep(tab, draft("before", { images: [{ id: "i" }] }), null);
  draftGoesOn("ada", "gone", tab, local);
  const { text, images, files } = read(tab, null);
  assert.deepEqual([text, images, files], ["before\n\nhalf", [{ id: "i" }], [{ id: "f" }]]);
  assert.equal(read(tab, "gone").text, "");
  draftGoesOn("ada", "gone", tab, local);
  assert.equal(read(tab, null).text, "before\n\nhalf");
});

test("what was typed into a page without its scripts comes back once, and only to whom and where it was typed", () => {
  const session = storage();
  session.write("unsent:ada:/c/1/", "Nobody hears me.");
  assert.equal(earlyText("ada", "/", session), "");
  assert.equal(earlyText("ben", "/c/1/", session), "");
  assert.equal(earlyText("ada", "/c/1/", session), "Nobody hears me.");
  assert.equal(earlyText("ada", "/c/1/", session), "");
  session.write("unsent:ada:/", { not: "ours" });
  assert.equal(earlyText("ada", "/", session), "");
});
