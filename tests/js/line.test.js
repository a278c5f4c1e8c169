import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Line, LineLost, Refused, TooLong } from "../../static/js/live/socket.js";
import { fits } from "../../static/js/lib/points.js";
import { CLOSED, pause } from "../../static/js/state/reconnect.js";

let sockets;

class FakeSocket {
  constructor() {
    this.sent = [];
    sockets.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {}

  says(frame) {
    this.onmessage({ data: JSON.stringify(frame) });
  }

  breaks(code = 1006) {
    this.onclose({ code });
  }
}

beforeEach(() => {
  sockets = [];
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  globalThis.WebSocket = FakeSocket;
  globalThis.window = new EventTarget();
  globalThis.document = new EventTarget();
});

afterEach(() => mock.timers.reset());

function ready() {
  const line = new Line("ws://here/");
  line.start();
  sockets[0].says({ type: "ready" });
  return line;
}

function again() {
  mock.timers.tick(3000);
  const socket = sockets.at(-1);
  socket.says({ type: "ready" });
  return socket;
}

const SEND = { type: "message.send", id: "f", text: "why?" };

test("nothing is sent before the server is ready", () => {
  const line = new Line("ws://here/");
  line.start();
  line.request(SEND, { durable: true });
  assert.deepEqual(sockets[0].sent, []);
  sockets[0].says({ type: "ready" });
  assert.deepEqual(sockets[0].sent, [SEND]);
});

test("a message without an ack goes out again with the same id, and says so", async () => {
  const line = ready();
  const answer = line.request(SEND, { durable: true });
  sockets[0].breaks();
  const socket = again();
  assert.deepEqual(socket.sent, [SEND]);
  socket.says({ type: "ack", id: "f" });
  assert.equal((await answer).again, true);
  socket.breaks();
  assert.deepEqual(again().sent, [], "what is acknowledged is not sent once more");
});

test("the conversation is opened before messages are sent again", () => {
  const line = ready();
  line.addEventListener("ready", () => line.request({ type: "conversation.open", id: "o" }).catch(() => {}));
  line.request(SEND, { durable: true });
  sockets[0].breaks();
  assert.deepEqual(again().sent.map((frame) => frame.type), ["conversation.open", "message.send"]);
});

test("what need not arrive fails with the line, and an error is a refusal with its sentence", async () => {
  const line = ready();
  const stop = line.request({ type: "run.stop", run: "r" });
  sockets[0].breaks();
  await assert.rejects(stop, LineLost);
  await assert.rejects(line.request({ type: "run.stop", run: "r" }), LineLost);
  const socket = again();
  const send = line.request(SEND, { durable: true });
  socket.says({ type: "error", id: "f", code: "rate_limited", message: "Wait.", retry_after: 3 });
  await assert.rejects(send, (error) => error instanceof Refused && error.code === "rate_limited" && error.message === "Wait.");
});

test("a frame that is longer than the server takes is not sent, and the line goes on without it", async () => {
  const line = new Line("ws://here/");
  line.start();
  const early = line.request({ ...SEND, text: "é".repeat(100) }, { durable: true });
  sockets[0].says({ type: "ready", limits: { frame_bytes: 200 } });
  await assert.rejects(early, TooLong);
  await assert.rejects(line.request({ ...SEND, id: "g", text: "é".repeat(100) }, { durable: true }), TooLong);
  line.request({ ...SEND, text: "e".repeat(100) }, { durable: true });
  sockets[0].breaks();
  assert.deepEqual(again().sent.map((frame) => frame.text), ["e".repeat(100)]);
});

test("what fits is counted in bytes of UTF-8, an emoji as four", () => {
  for (const [text, bytes] of [["", 0], ["e", 1], ["é", 2], ["語", 3], ["🦊", 4], ["🦊é".repeat(50), 300]]) {
    assert.ok(fits(text, bytes), text);
    assert.ok(!fits(text, bytes - 1), text);
  }
});

test("a line that says nothing after a ping is given up", () => {
  const line = ready();
  mock.timers.tick(20_000);
  assert.equal(sockets[0].sent.at(-1).type, "ping");
  mock.timers.tick(8_000);
  assert.equal(line.state, "lost");
  again();
  assert.equal(line.state, "open");
});

test("an old socket that wakes up is not listened to", () => {
  const line = ready();
  const heard = [];
  line.addEventListener("frame", (event) => heard.push(event.detail));
  const old = sockets[0];
  old.breaks();
  again();
  old.says({ type: "run.delta" });
  old.breaks();
  assert.deepEqual(heard, []);
  assert.equal(line.state, "open");
});

test("who is signed out does not come back", () => {
  const line = ready();
  let out = false;
  line.addEventListener("signedout", () => (out = true));
  sockets[0].breaks(4401);
  mock.timers.tick(100_000);
  assert.ok(out);
  assert.equal(sockets.length, 1);
});

test("whoever may come back is back within three seconds, and not all in one instant", () => {
  for (const code of [1000, 1006, 1009, CLOSED.restart, CLOSED.slow]) {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const [soonest, latest] = [0, 0.999999].map((luck) => pause(attempt, code, () => luck));
      assert.ok(soonest >= 100 && latest < 3000 && latest - soonest >= 100, `${code}, attempt ${attempt}`);
    }
  }
  assert.ok(pause(0, CLOSED.restart, () => 0.999) - pause(0, CLOSED.restart, () => 0) > 1000);
  assert.ok(pause(0, CLOSED.full, () => 0) >= 20_000);
});
