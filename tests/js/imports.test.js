// A file that is brought along: what was asked before says nothing of what was done since.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

globalThis.document = { cookie: "", getElementById: () => null, createElement: () => ({}) };
const { Imports } = await import("../../static/js/controllers/imports.js");

const job = (id, live, status) => ({ id, live, status, left_out: [], imported: 0, messages: 0, images: 0, extended: 0, known: 0 });
/** What was set off is done. */
const turns = async () => {
  for (let left = 10; left; left -= 1) await new Promise((done) => setImmediate(done));
};

let answers; // path → what gives its answer

beforeEach((context) => {
  answers = new Map();
  globalThis.fetch = async (path) => Response.json(await new Promise((give) => answers.set(path, give)));
  context.mock.timers.enable({ apis: ["setTimeout"] });
});

function part() {
  const button = { disabled: false };
  return {
    files: [], addEventListener() {}, removeAttribute() {}, replaceChildren() {}, reset() {}, querySelector: () => button,
  };
}

function page() {
  const parts = new Map();
  const querySelector = (name) => parts.get(name) ?? parts.set(name, part()).get(name);
  return new Imports({ querySelector }, {});
}

async function answered(path, what) {
  await turns();
  answers.get(path)(what);
  await turns();
}

test("an import that was stopped is not said to go on by an answer from before", async (context) => {
  const imports = page();
  imports.follow(job("one", true, "running"));
  context.mock.timers.tick(700);
  imports.stop();
  await answered("/api/v1/imports/one/stop", job("one", false, "stopped"));
  await answered("/api/v1/imports/one", job("one", true, "running"));
  assert.equal(imports.busy, false);
  assert.equal(imports.job.status, "stopped");
});

test("what was brought along before does not take the place of a file that is on its way", async () => {
  const imports = page();
  imports.connect();
  imports.job = null; // a file was chosen and is being sent
  imports.set(true);
  await answered("/api/v1/imports", { items: [job("old", false, "complete")] });
  assert.equal(imports.busy, true);
  assert.equal(imports.job, null);
});

test("what was brought along before is said to who comes", async () => {
  const imports = page();
  imports.connect();
  await answered("/api/v1/imports", { items: [job("old", false, "complete")] });
  assert.equal(imports.job.id, "old");
});
