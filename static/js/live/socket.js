// The line to the server: one socket a tab, which comes back by itself.
//
// A frame that must arrive is `durable`: it is sent again, with the same id, on every new line until it is
// acknowledged; the server does nothing twice for one id. Other frames fail when the line breaks. A frame that
// is longer than the server takes fails at once.
import { newId } from "../lib/ids.js";
import { fits } from "../lib/points.js";
import { CLOSED, pause } from "../state/reconnect.js";

const PING_EVERY_MS = 20_000;
const SILENCE_MS = 8_000; // after a ping; a line that says nothing for so long is dead
const READY_MS = 10_000; // from opening to the server's `ready`

export class Refused extends Error {
  constructor({ code, message, retry_after }) {
    super(message);
    this.code = code;
    this.retryAfter = retry_after;
  }
}

export class LineLost extends Error {}

export class TooLong extends Error {}

/** Events: `ready` {user, limits}, `frame`, `state` ("open", "lost", "full"), `signedout`. */
export class Line extends EventTarget {
  constructor(address) {
    super();
    this.address = address;
    this.waiting = new Map(); // id → {frame, durable, sent, resolve, reject}
    this.attempt = 0;
    this.state = "lost";
  }

  start() {
    this.wake = () => this.socket || this.connect();
    window.addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    this.connect();
  }

  stop() {
    window.removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    clearTimeout(this.retry);
    this.over = true;
    this.drop(1000);
  }

  connect() {
    if (this.over) return;
    clearTimeout(this.retry);
    const socket = new WebSocket(this.address);
    this.socket = socket;
    const mine = (handler) => (event) => socket === this.socket && handler(event);
    socket.onmessage = mine((event) => this.heard(JSON.parse(event.data)));
    socket.onclose = mine((event) => this.drop(event.code));
    this.watch(READY_MS);
  }

  /** Give up on this socket unless something is heard in time. */
  watch(ms) {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.drop(1006), ms);
  }

  heard(frame) {
    clearTimeout(this.silence);
    if (frame.type === "ready") return this.welcomed(frame);
    if (frame.type === "ack" || frame.type === "error") return this.settle(frame);
    if (frame.type !== "pong") this.tell("frame", frame);
  }

  welcomed(frame) {
    this.attempt = 0;
    this.state = "open";
    this.most = frame.limits?.frame_bytes ?? Infinity;
    this.pings = setInterval(() => this.ping(), PING_EVERY_MS);
    this.tell("state", "open");
    this.tell("ready", frame); // who listens opens the conversation first, so that no delta is missed
    for (const one of this.waiting.values()) if (one.durable) this.put(one);
  }

  ping() {
    this.transmit({ type: "ping", id: newId() });
    this.watch(SILENCE_MS);
  }

  /** Resolves with `{ack, again}`; `again`: it was sent more than once, so the ack may be an old one. */
  request(frame, { durable = false } = {}) {
    const id = frame.id ?? newId();
    return new Promise((resolve, reject) => {
      const one = { frame: { ...frame, id }, durable, sent: 0, resolve, reject };
      if (this.state !== "open" && !durable) return reject(new LineLost());
      this.waiting.set(id, one);
      if (this.state === "open") this.put(one);
    });
  }

  /** Say something that nobody waits for. */
  note(frame) {
    if (this.state === "open") this.transmit({ ...frame, id: newId() });
  }

  put(one) {
    const text = JSON.stringify(one.frame);
    if (!fits(text, this.most)) {
      this.waiting.delete(one.frame.id);
      return one.reject(new TooLong());
    }
    one.sent += 1;
    this.socket?.send(text);
  }

  transmit(frame) {
    this.socket?.send(JSON.stringify(frame));
  }

  settle(frame) {
    const one = this.waiting.get(frame.id);
    if (!one) return;
    this.waiting.delete(frame.id);
    if (frame.type === "ack") one.resolve({ ack: frame, again: one.sent > 1 });
    else one.reject(new Refused(frame));
  }

  drop(code) {
    const socket = this.socket;
    this.socket = null;
    clearTimeout(this.silence);
    clearInterval(this.pings);
    socket?.close();
    for (const [id, one] of this.waiting) {
      if (one.durable) continue;
      this.waiting.delete(id);
      one.reject(new LineLost());
    }
    this.state = code === CLOSED.full ? "full" : "lost";
    this.tell("state", this.state);
    this.comeBack(code);
  }

  comeBack(code) {
    const ms = pause(this.attempt, code);
    this.attempt += 1;
    if (ms === null) return this.tell("signedout");
    if (!this.over) this.retry = setTimeout(() => this.connect(), ms);
  }

  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
