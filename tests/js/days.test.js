import assert from "node:assert/strict";
import { test } from "node:test";

import { daysIn, monthOf } from "../../static/js/state/days.js";
import { grouped } from "../../static/js/state/listing.js";

test("a day begins where the person is", () => {
  const late = new Date("2026-03-31T23:30:00Z");
  assert.equal(daysIn("Asia/Tokyo")(late), daysIn("UTC")(late) + 1);
  assert.equal(daysIn("America/New_York")(late), daysIn("UTC")(late));
  assert.equal(monthOf(daysIn("Asia/Tokyo")(late)), "2026-04");
  assert.equal(monthOf(daysIn("UTC")(late)), "2026-03");
});

test("a zone that the browser does not know is that of the browser", () => {
  const now = new Date();
  assert.equal(daysIn("Europe/Atlantis")(now), daysIn("")(now));
});

test("the night in which the clocks change is one night", () => {
  const day = daysIn("Europe/Berlin");
  const hours = [...Array(49).keys()].map((hour) => day(new Date(Date.UTC(2026, 9, 23, 22 + hour))));
  assert.deepEqual([...new Set(hours)].length, 2);
});

test("today and yesterday in the list are those of the zone", () => {
  const now = new Date("2026-11-21T01:00:00Z");
  const list = [{ id: "a", updated_at: "2026-11-21T00:30:00Z" }, { id: "b", updated_at: "2026-11-20T20:00:00Z" }];
  const names = (zone) => grouped(list, [], { now, zone }).map(({ key }) => key);
  assert.deepEqual(names("UTC"), ["today", "yesterday"]);
  for (const zone of ["America/New_York", "Asia/Tokyo"]) assert.deepEqual(names(zone), ["today"]);
});
