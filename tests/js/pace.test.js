import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { Pace } from "../../static/js/views/pace.js";

const FRAME_MS = 4;

beforeEach(() => {
  globalThis.requestAnimationFrame = (work) => setTimeout(work, FRAME_MS);
  globalThis.cancelAnimationFrame = clearTimeout;
});

afterEach(() => {
  delete globalThis.requestAnimationFrame;
  delete globalThis.cancelAnimationFrame;
});

function busy(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** When it was drawn, while something new comes all the time. */
async function drawn(costs, ms) {
  const times = [];
  const pace = new Pace(() => {
    times.push(performance.now());
    busy(costs);
  });
  const end = performance.now() + ms;
  while (performance.now() < end) {
    pace.soon();
    await wait(1);
  }
  pace.stop();
  pace.after.close();
  return times;
}

test("however often it is asked, a frame is drawn once", async () => {
  let count = 0;
  const pace = new Pace(() => (count += 1));
  for (let times = 0; times < 100; times += 1) pace.soon();
  await wait(50);
  assert.equal(count, 1);
  pace.after.close();
});

test("what takes long is drawn less often, and leaves the time to others", async () => {
  const times = await drawn(30, 600);
  const gaps = times.slice(1).map((time, at) => time - times[at]);
  assert.ok(gaps.length >= 2, `${times.length} times`);
  assert.ok(Math.min(...gaps) > 80, `${Math.min(...gaps)} ms between two`);
});

test("what takes no time is drawn in every frame", async () => {
  const times = await drawn(0, 300);
  assert.ok(times.length > 15, `${times.length} times`);
});

test("what goes wrong in one frame does not stop the next", async () => {
  const kept = globalThis.requestAnimationFrame;
  globalThis.requestAnimationFrame = (work) =>
    setTimeout(() => {
      try {
        work();
      } catch {
        // A browser reports it and goes on.
      }
    }, FRAME_MS);
  let count = 0;
  const pace = new Pace(() => {
    count += 1;
    if (count === 1) throw new Error("once");
  });
  pace.soon();
  await wait(40);
  pace.soon();
  await wait(40);
  assert.equal(count, 2);
  pace.after.close();
  globalThis.requestAnimationFrame = kept;
});

test("nothing is drawn after it was stopped", async () => {
  let count = 0;
  const pace = new Pace(() => (count += 1));
  pace.soon();
  pace.stop();
  await wait(30);
  assert.equal(count, 0);
  pace.after.close();
});
