// Watches a page that shows hostile words, and plays the server for it. Put into the page before its scripts.
(() => {
  const hits = [];
  window.hit = (what) => hits.push(`ran: ${what}`);
  for (const name of ["alert", "confirm", "prompt", "print", "open"]) {
    window[name] = () => void hits.push(`called ${name}`);
  }
  const known = new Set(["id", ...Object.getOwnPropertyNames(window)]);

  class Socket {
    constructor() {
      window.inert.socket = this;
      setTimeout(() => this.hear({ type: "ready", protocol: 1, user: {}, limits: { frame_bytes: 2 ** 22 } }));
    }

    hear(frame) {
      this.onmessage?.({ data: JSON.stringify(frame) });
    }

    send(text) {
      const { type, id } = JSON.parse(text);
      if (type === "ping") return this.hear({ type: "pong", id });
      const { conversation } = JSON.parse(document.getElementById("page").textContent);
      this.hear({ type: "ack", id, conversation, runs: [] });
      window.inert.opened = true;
    }

    close() {}
  }

  const frames = (count) => new Promise((done) => {
    const next = () => (count-- ? requestAnimationFrame(next) : done());
    next();
  });

  const CARRIES = [
    "script", "iframe", "frame", "object", "embed", "form", "base", "meta", "link", "style", "video", "audio",
    "source", "track", "picture", "select", "textarea", "dialog", "template", "marquee", "portal", "applet",
    "input:not([type=checkbox][disabled])", "img:not([src^='blob:'], [src^='data:image/'])",
  ].join(",");
  const LEADS = ["href", "xlink:href", "src", "srcset", "action", "formaction", "poster", "background", "ping", "data"];
  const LINK = /^(?:https?:\/\/|mailto:)/i;
  const OURS = new Set(["thread#copyCode", "thread#copySource"]); // what our own blocks offer
  const SANDBOX = "allow-scripts";

  // A form with a field called `attributes` would hide its own.
  const attributes = Object.getOwnPropertyDescriptor(Element.prototype, "attributes").get;

  /** What is wrong with an element that words have become. */
  function faults(element, message) {
    const found = [];
    if (element.matches(CARRIES) && !isSandbox(element)) found.push("carries");
    for (const { name, value } of attributes.call(element)) {
      if (/^on/i.test(name)) found.push(name);
      if (name === "name" || (name === "id" && (known.has(value) || value in document))) found.push(`${name} shadows`);
      if (name === "data-action" && !OURS.has(value)) found.push(`acts ${value}`);
      if (name === "style" && /url\(|fixed|expression/i.test(value)) found.push("styled");
      if (LEADS.includes(name) && !leadsWell(element, name, value, message)) found.push(`${name}=${value}`);
    }
    const { position } = getComputedStyle(element);
    if (position === "fixed" || position === "sticky") found.push(position);
    if (position === "absolute" && isOutside(element, message)) found.push("absolute");
    return found;
  }

  function isSandbox(frame) {
    return frame.matches("iframe") && frame.getAttribute("sandbox") === SANDBOX && !frame.hasAttribute("srcdoc");
  }

  function leadsWell(element, name, value, message) {
    if (isSandbox(element)) return new URL(value, location).origin === location.origin;
    if (name === "src") return element.matches("img") && /^(?:blob:|data:image\/)/.test(value);
    if (element.matches("use")) return value.startsWith("/static/");
    if (name !== "href" || !element.matches("a")) return false;
    if (value.startsWith("#")) return message.contains(document.getElementById(decodeURIComponent(value.slice(1))));
    return LINK.test(value) && element.target === "_blank" && element.relList.contains("noopener") &&
      element.relList.contains("noreferrer");
  }

  function isOutside(element, message) {
    const inner = element.getBoundingClientRect();
    const outer = message.getBoundingClientRect();
    const small = inner.width <= 1 && inner.height <= 1; // for screen readers only
    return !small && (inner.top < outer.top - 4 || inner.bottom > outer.bottom + 4);
  }

  /** What is wrong with the page: `[sentence, …]`. */
  function look(places) {
    const wrong = [];
    for (const place of document.querySelectorAll(places)) {
      const message = place.closest(".message, .entry, .bar, main, body");
      for (const element of place.querySelectorAll("*")) {
        for (const fault of faults(element, message)) wrong.push(`${fault}: ${element.outerHTML.slice(0, 160)}`);
      }
    }
    return [...wrong, ...hits.splice(0), ...covered()];
  }

  function covered() {
    const wrong = [];
    const parts = document.querySelector("dialog:modal") ? [] : [".composer", ".bar h1", ".shelf-new"];
    for (const part of parts) {
      const element = document.querySelector(part);
      if (!element) continue;
      const { left, top, width, height } = element.getBoundingClientRect();
      const there = document.elementFromPoint(left + Math.min(20, width / 2), top + height / 2);
      if (!there?.closest(part)) wrong.push(`covered: ${part} by ${there?.outerHTML.slice(0, 120)}`);
    }
    for (const part of ["html", ".thread", ".shelf"]) {
      const place = document.querySelector(part);
      if (place && place.scrollWidth > place.clientWidth + 1) wrong.push(`wide: ${part} by ${widest(place)}`);
    }
    if (document.activeElement?.closest(".column .body")) wrong.push("focus was taken");
    if (typeof document.getElementById !== "function" || typeof document.cookie !== "string") wrong.push("clobbered");
    return wrong;
  }

  function widest(place) {
    const right = (element) => element.getBoundingClientRect().right;
    const all = [...place.querySelectorAll("*")].filter((element) => !element.closest("pre, .wide"));
    const far = all.sort((a, b) => right(b) - right(a))[0];
    return `${far.className} ${Math.round(right(far))}: ${far.textContent.slice(0, 60)}`;
  }

  let last = null;
  let count = 0;

  function message(role, fields) {
    const { conversation, messages } = JSON.parse(document.getElementById("page").textContent);
    const parent = last ?? messages.at(-1).id;
    last = `00000000-0000-7000-8000-${String((count += 1)).padStart(12, "0")}`;
    const bare = { text: "", reasoning: "", images: [], tool_calls: [], error: null, usage: null, cost: null, feedback: null };
    const made = new Date().toISOString();
    return { ...bare, id: last, conversation: conversation.id, parent, role, status: "complete", created_at: made,
      finish_reason: null, model: null, siblings: [last], ...fields };
  }

  const hear = (frame) => window.inert.socket.hear(frame);

  /** Each of these words as a question, an answer, its model, thinking, tool and error. */
  async function whole(words) {
    for (const text of words) {
      const files = [{ id: text, name: text, bytes: 1, url: "/files/none/" }];
      hear({ type: "message.created", message: message("user", { text, files }) });
      const call = { id: text, at: 0, name: text, arguments: text, status: "done", result: text };
      const broken = count % 4 ? {} : { status: "failed", error: { code: text, message: text } };
      const answer = { text, reasoning: text, model: text, tool_calls: [call], finish_reason: text, ...broken };
      hear({ type: "message.created", message: message("assistant", answer) });
    }
    await settled();
  }

  /** Each of these words as an answer that grows by a part of it at a time, all of them side by side. */
  async function halves(words, parts) {
    const growing = words.map((text) => {
      hear({ type: "message.created", message: message("user", { text: "?" }) });
      const answer = message("assistant", { status: "running" });
      const run = { id: `run-${answer.id}`, conversation: answer.conversation, message: answer.id, status: "running" };
      hear({ type: "message.created", message: answer });
      hear({ type: "run.started", run, message: answer, conversation: {}, model: "m" });
      return { points: [...text], answer, run: run.id };
    });
    for (let part = 0; part < parts; part += 1) {
      for (const { points, run } of growing) {
        const at = Math.floor((points.length * part) / parts);
        const text = points.slice(at, Math.floor((points.length * (part + 1)) / parts)).join("");
        hear({ type: "run.reasoning", run, at, text });
        hear({ type: "run.delta", run, at, text });
      }
      await frames(3);
      hits.push(...look(".column :is(.body, [data-part=thought])"));
    }
    for (const { points, answer, run } of growing) {
      const { text: _text, reasoning: _reasoning, ...facts } = answer;
      hear({ type: "run.finished", run, message: { ...facts, status: "complete" }, length: points.length });
    }
    await settled();
  }

  /** Each of these words as the title of this conversation and of another in the list. */
  async function titles(words) {
    const { conversation } = JSON.parse(document.getElementById("page").textContent);
    for (const title of words) {
      hear({ type: "conversation.updated", conversation: { ...conversation, active_message: undefined, title } });
      const other = { ...conversation, id: message("user", {}).id, title };
      hear({ type: "conversation.updated", conversation: other });
    }
    await settled();
  }

  /** What loads, fails and runs late has had its time. */
  async function settled() {
    await frames(4);
    await new Promise((done) => setTimeout(done, 60));
  }

  window.inert = { look, whole, halves, titles, settled };
  window.WebSocket = Socket;
})();
