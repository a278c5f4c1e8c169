import assert from "node:assert/strict";
import { test } from "node:test";

import { grouped, withConversations, withoutConversation } from "../../static/js/state/listing.js";
import { CLOSED, pause } from "../../static/js/state/reconnect.js";

const NOW = new Date(2026, 10, 21, 12);

function conversation(id, daysAgo, more = {}) {
  const at = new Date(NOW.getTime() - daysAgo * 86_400_000);
  return { id, title: id, pinned: false, archived: false, updated_at: at.toISOString(), ...more };
}

test("conversations stand once each, newest first, without archived ones", () => {
  const list = withConversations([], [conversation("b", 1), conversation("a", 0), conversation("x", 0, { archived: true })]);
  assert.deepEqual(list.map((one) => one.id), ["a", "b"]);
  const later = withConversations(list, [{ ...conversation("b", -1), title: "renamed" }]);
  assert.deepEqual(later.map((one) => one.title), ["renamed", "a"]);
  assert.deepEqual(withoutConversation(later, "b").map((one) => one.id), ["a"]);
});

test("they are grouped by the reader's days, pinned ones first", () => {
  const list = withConversations([], [
    conversation("today", 0), conversation("yesterday", 1), conversation("week", 4), conversation("old", 40),
    conversation("pin", 60, { pinned: true }),
  ]);
  assert.deepEqual(
    grouped(list, [], { now: NOW }).map(({ key, items }) => [key, items[0].id]),
    [["pinned", "pin"], ["today", "today"], ["yesterday", "yesterday"], ["week", "week"], ["2026-10", "old"]],
  );
});

test("a lost line is tried again within three seconds, with jitter, and a full site is left alone longer", () => {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const ms = [0, 0.5, 0.999].map((chance) => pause(attempt, CLOSED.restart, () => chance));
    assert.ok(ms.every((one) => one > 100 && one <= 3000), String(ms));
    assert.notEqual(ms[0], ms[2]);
  }
  assert.ok(pause(0, CLOSED.full) >= 20_000);
  assert.equal(pause(0, CLOSED.signedOut), null);
});
