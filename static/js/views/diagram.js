// Diagrams by Mermaid. It draws in a frame that can reach nothing (/diagram/), and what it drew is shown as
// a picture, in which nothing runs and which fetches nothing. Without a drawing the source stands there.
import { words } from "../lib/words.js";
import { addressOf, whenIdle } from "./later.js";

const LOAD_MS = 20_000;
const DRAW_MS = 10_000;
const LONGEST_DRAWING = 4_000_000; // characters

let board = null; // the frame, once it is there
let number = 0;
let turn = Promise.resolve(); // one drawing after the other
const shown = new Set(); // code blocks with a drawing, for a change of the theme

/** Show the drawing of a code block in its place. Its source can still be seen and copied. */
export function drawn(block, source) {
  whenIdle(() => (turn = turn.then(() => draw(block, source)).catch(() => {})));
}

async function draw(block, source) {
  if (source.trim()) place(block, picture(await drawing(source), source));
}

function place(block, image) {
  block.querySelector(".diagram")?.remove();
  const figure = Object.assign(document.createElement("div"), { className: "diagram", tabIndex: 0 });
  figure.append(image);
  const source = block.querySelector("pre");
  source.after(figure);
  if (shown.has(block)) figure.hidden = !source.hidden;
  else source.hidden = true;
  block.querySelector("[data-part=turn]").hidden = false;
  forgetGone();
  shown.add(block);
}

function picture(svg, source) {
  const image = document.createElement("img");
  const [, width, height] = /viewBox="[-\d.e]+[ ,]+[-\d.e]+[ ,]+([\d.]+)[ ,]+([\d.]+)"/.exec(svg) ?? [];
  if (width) Object.assign(image, { width: Math.ceil(width), height: Math.ceil(height) });
  image.alt = words.diagram(source.trim().split("\n")[0].slice(0, 80));
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  return image;
}

// The frame ---------------------------------------------------------------------------------------

async function drawing(text) {
  board ??= open();
  try {
    const frame = await board;
    number += 1;
    const id = number;
    const answer = heard(frame, DRAW_MS, (data) => data.id === id);
    frame.contentWindow.postMessage({ id, text, look: look(frame) }, "*"); // a frame without an origin has no other name
    return svgOf(await answer);
  } catch (error) {
    if (error instanceof Silent) close();
    throw error;
  }
}

function svgOf({ svg }) {
  if (typeof svg !== "string" || !svg.startsWith("<svg") || svg.length > LONGEST_DRAWING) throw new Error("no drawing");
  return svg;
}

class Silent extends Error {}

async function open() {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.setAttribute("aria-hidden", "true");
  Object.assign(frame, { className: "drawing-board", tabIndex: -1, title: words.drawingBoard, src: addressOf("diagram") });
  document.body.append(frame);
  await heard(frame, LOAD_MS, (data) => data.ready === true);
  return frame;
}

/** A drawing that never ends goes with its frame. */
function close() {
  board = null;
  for (const frame of document.querySelectorAll(".drawing-board")) frame.remove();
}

function heard(frame, patience, isMeant) {
  return new Promise((resolve, reject) => {
    const end = (settle, value) => {
      clearTimeout(timer);
      window.removeEventListener("message", listen);
      settle(value);
    };
    const listen = ({ source, data }) => {
      if (source === frame.contentWindow && typeof data === "object" && data && isMeant(data)) end(resolve, data);
    };
    const timer = setTimeout(() => end(reject, new Silent()), patience);
    window.addEventListener("message", listen);
  });
}

// How it looks ------------------------------------------------------------------------------------

function look(place) {
  const styles = getComputedStyle(place);
  const value = (name) => styles.getPropertyValue(`--${name}`).trim();
  return {
    background: value("paper"),
    primaryColor: value("accent-wash"),
    primaryBorderColor: value("accent"),
    primaryTextColor: value("ink"),
    secondaryColor: value("well"),
    tertiaryColor: value("shelf"),
    lineColor: value("ink-soft"),
    textColor: value("ink"),
    edgeLabelBackground: value("paper"),
    noteBkgColor: value("warn-wash"),
    noteTextColor: value("ink"),
    fontFamily: "system-ui, sans-serif",
    fontSize: "15px",
    darkMode: matchMedia("(prefers-color-scheme: dark)").matches,
  };
}

/** A block that went with its message would be held for ever. */
function forgetGone() {
  for (const block of shown) if (!block.isConnected) shown.delete(block);
}

function again() {
  forgetGone();
  for (const block of shown) drawn(block, block.querySelector("code").textContent);
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });

function turned(event) {
  const button = event.target.closest?.("[data-part=turn]");
  if (!button) return;
  const block = button.closest(".code");
  const source = block.querySelector("pre");
  source.hidden = !source.hidden;
  block.querySelector(".diagram").hidden = !source.hidden;
  button.setAttribute("aria-pressed", String(!source.hidden));
}

document.addEventListener("click", turned);
