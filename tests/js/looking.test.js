import assert from "node:assert/strict";
import { test } from "node:test";

import { nextTo, placeOf as placeIn, together, withMore, without } from "../../static/js/state/gallery.js";
import { fileName } from "../../static/js/lib/save.js";
import {
  WHOLE,
  described,
  frameOf,
  meant,
  moved,
  picturesOf,
  plain,
  placeOf,
  shareOf,
  siteOf,
  swiped,
  turned,
  zoomed,
} from "../../static/js/state/looking.js";

const STAGE = { width: 1000, height: 500 };
const MIDDLE = { x: 0, y: 0 };
const wide = frameOf({ width: 4000, height: 1000 }, STAGE);
const small = frameOf({ width: 100, height: 50 }, STAGE);

/** Where a point of the picture, from its middle and at scale 1, stands on the stage. */
const shown = (view, point) => ({ x: view.x + point.x * view.scale, y: view.y + point.y * view.scale });

test("at first a picture is whole, and never larger than it is", () => {
  assert.deepEqual([wide.fit.width, wide.fit.height], [1000, 250]);
  assert.deepEqual([small.fit.width, small.fit.height], [100, 50]);
  assert.equal(shareOf(WHOLE, wide), 0.25);
  assert.equal(shareOf(WHOLE, small), 1);
});

test("what is under the pointer stays there while it becomes larger", () => {
  const at = { x: 200, y: 60 };
  const view = zoomed(WHOLE, 4, at, wide);
  assert.deepEqual(shown(view, at), at);
  const closer = zoomed(view, 6, at, wide);
  assert.deepEqual(shown(closer, at), at);
});

test("it becomes no smaller than whole and no larger than four points a pixel", () => {
  assert.deepEqual(zoomed({ scale: 2, x: 30, y: 0 }, 0.1, MIDDLE, wide), WHOLE);
  assert.equal(zoomed(WHOLE, 1e6, MIDDLE, wide).scale, 16);
  assert.equal(zoomed(WHOLE, 1e6, MIDDLE, small).scale, 4);
});

test("its edges are not drawn into the stage", () => {
  const view = zoomed(WHOLE, 4, MIDDLE, wide); // 4000 × 1000 on 1000 × 500
  assert.deepEqual(moved(view, [9999, -9999], wide), { scale: 4, x: 1500, y: -250 });
  assert.deepEqual(moved(WHOLE, [50, 50], wide), WHOLE);
});

test("two clicks show its own size, and all of it again", () => {
  const near = turned(WHOLE, MIDDLE, wide);
  assert.equal(shareOf(near, wide), 1);
  assert.deepEqual(turned(near, MIDDLE, wide), WHOLE);
  assert.ok(turned(WHOLE, MIDDLE, small).scale > 1);
});

test("arrows turn the page while all of it is shown, and move it when it is larger", () => {
  const whole = { isWhole: true, isRtl: false };
  assert.deepEqual(meant("ArrowRight", whole), { step: 1 });
  assert.deepEqual(meant("ArrowRight", { isWhole: true, isRtl: true }), { step: -1 });
  assert.equal(meant("ArrowUp", whole), null);
  const larger = meant("ArrowRight", { isWhole: false, isRtl: false });
  assert.ok(larger.move[0] < 0 && larger.move[1] === 0);
  assert.deepEqual(meant("PageDown", { isWhole: false, isRtl: false }), { step: 1 });
  assert.ok(meant("+", whole).zoom > 1 && meant("-", whole).zoom < 1 && meant("0", whole).whole);
  assert.equal(meant("Enter", whole), null);
  assert.equal(meant("toString", whole), null);
});

test("a finger turns the page the way it went, in the direction that is read", () => {
  assert.equal(swiped({ dx: -120, dy: 10 }, false), 1);
  assert.equal(swiped({ dx: 120, dy: 10 }, false), -1);
  assert.equal(swiped({ dx: -120, dy: 10 }, true), -1);
  assert.equal(swiped({ dx: 20, dy: 0 }, false), 0);
  assert.equal(swiped({ dx: 80, dy: -200 }, false), 0);
});

const messages = [
  { id: "a", images: [{ id: "1", alt: "" }, { id: "2", alt: "" }] },
  { id: "b" },
  { id: "c", images: [{ id: "1", alt: "" }] },
];

test("the same picture in two messages is two places to look at", () => {
  const pictures = picturesOf(messages);
  assert.deepEqual(pictures.map(({ id }) => id), ["1", "2", "1"]);
  assert.equal(placeOf(pictures, "c", 0), 2);
  assert.equal(placeOf(pictures, "b", 0), -1);
});

test("a picture that is used again is told as the server told it", () => {
  const [picture] = picturesOf([{ id: "a", images: [{ id: "1", url: "/images/1/", alt: "A gate" }] }]);
  const looked = { ...picture, name: "Picture", known: true, text: "No entry", uses: [] };
  assert.deepEqual(plain(looked), { id: "1", url: "/images/1/", alt: "A gate" });
});

test("one's words for a picture stand wherever it does; other messages stay the same objects", () => {
  const now = described(messages, { id: "1", alt: "A gate" });
  assert.deepEqual(now.map((one) => one.images?.map(({ alt }) => alt)), [["A gate", ""], undefined, ["A gate"]]);
  assert.equal(now[1], messages[1]);
  assert.equal(described(now, { id: "1", alt: "A gate" })[0], now[0]);
});

test("where a picture was fetched from is told by its site, and leads to the web alone", () => {
  assert.equal(siteOf("https://pictures.example.org:8443/a.png?sign=1"), "pictures.example.org:8443");
  for (const source of ["", undefined, "no address", "javascript:alert(1)", "data:image/png;base64,AA"]) {
    assert.equal(siteOf(source), "");
  }
});

test("a picture is saved under a name that every disk takes", () => {
  assert.equal(fileName("A gate, at dusk", "image/jpeg"), "A gate, at dusk.jpg");
  assert.equal(fileName('../etc/passwd: "x"\u0000\u202e', "image/png"), "etc passwd x.png");
  assert.equal(fileName("...", "image/webp"), "picture.webp");
  assert.equal([...fileName("🚲".repeat(200), "image/webp")].length, 85);
});

test("older pictures come behind those that are there, none of them twice", () => {
  const known = [{ id: "3" }, { id: "2" }];
  assert.deepEqual(withMore(known, [{ id: "2" }, { id: "1" }]).map(({ id }) => id), ["3", "2", "1"]);
  assert.deepEqual(without(known, "3"), [{ id: "2" }]);
});

test("pictures join what waits for the new conversation, as long as all of them fit", () => {
  const ids = (list) => list?.map(({ id }) => id);
  assert.deepEqual(ids(together([{ id: "1" }], [{ id: "2" }, { id: "1" }], 2)), ["1", "2"]);
  assert.equal(together([{ id: "1" }], [{ id: "2" }, { id: "3" }], 2), null);
});

test("where one was deleted the next one is gone on with", () => {
  assert.equal(nextTo(1, 5), 1);
  assert.equal(nextTo(4, 4), 3);
  assert.equal(nextTo(0, 0), null);
});

test("a picture leads to the newest message that shows it", () => {
  const uses = [{ conversation: "b", message: "2" }, { conversation: "a", message: "1" }];
  assert.equal(placeIn({ uses }), "/c/b/#m-2");
});
