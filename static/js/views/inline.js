// The inside of a block as nodes. Text by text nodes and addresses by a check: nothing here can become
// markup, whatever it says.
import { decoded } from "../lib/entities.js";
import { address } from "../lib/sanitise.js";
import { firstPart, inlineTokens, missing } from "../lib/markdown/inline.js";
import { presentable } from "../lib/markdown/unfinished.js";
import { patch } from "./patch.js";
import { formula } from "./formula.js";

const DEEPEST = 40; // nobody emphasises what is emphasised more often

const SHAPES = /^<(\/?)(br|sub|sup|kbd|mark|u)\s*\/?>$/i;

/** The text of one block, which may grow. What it says before its last part is set once. */
export class InlineText {
  constructor(place, env) {
    this.place = place;
    this.env = env;
    this.begin();
  }

  begin() {
    this.done = ""; // what is set for good
    this.count = 0; // of its nodes
    this.text = null;
  }

  show(text, { open = false } = {}) {
    if (text === this.text && open === this.open) return;
    if (!text.startsWith(this.done)) this.begin();
    Object.assign(this, { text, open });
    const { env, place } = this;
    let rest = text.slice(this.done.length);
    for (let end; (end = firstPart(rest, env)); rest = rest.slice(end)) {
      patch(place, this.count, nodes(inlineTokens(rest.slice(0, end), env), env));
      this.count = place.childNodes.length;
      this.done += rest.slice(0, end);
    }
    patch(place, this.count, nodes(inlineTokens(open ? presentable(rest) : rest, env), env));
    if (!open) this.wait();
  }

  /** Should a label be defined later, this is set anew. */
  wait() {
    if (!this.text.includes("[")) return;
    for (const label of missing(this.text, this.env)) this.env.waitFor(label, this);
  }

  again() {
    const { text, open } = this;
    this.begin();
    this.show(text, { open });
  }
}

/** A fragment of what marked's tokens say. */
function nodes(tokens, env, depth = 0) {
  const whole = document.createDocumentFragment();
  const open = [whole];
  for (const token of tokens) {
    const place = open[open.length - 1];
    if (token.type === "html") shape(token.raw, open);
    else if (depth > DEEPEST || !MAKE[token.type]) text(place, token.raw);
    else MAKE[token.type](place, token, env, depth + 1);
  }
  return whole;
}

function text(place, words) {
  if (place.lastChild?.nodeType === Node.TEXT_NODE) place.lastChild.data += words;
  else if (words) place.append(words);
}

/** Six tags that only shape text mean what they say; all others are shown as they were typed. */
function shape(raw, open) {
  const place = open[open.length - 1];
  const [, end, name] = SHAPES.exec(raw) ?? [];
  const tag = name?.toLowerCase();
  if (!tag) text(place, raw);
  else if (tag === "br") place.append(document.createElement("br"));
  else if (!end && open.length < DEEPEST) open.push(place.appendChild(document.createElement(tag)));
  else if (end && place.localName === tag) open.pop();
  else text(place, raw);
}

function within(tag) {
  return (place, { tokens }, env, depth) => {
    const element = document.createElement(tag);
    element.append(nodes(tokens, env, depth));
    place.append(element);
  };
}

const MAKE = {
  text: (place, { raw }) => text(place, decoded(raw)),
  escape: (place, token) => text(place, token.text),
  strong: within("strong"),
  em: within("em"),
  del: within("del"),
  br: (place) => place.append(document.createElement("br")),
  codespan(place, token) {
    place.append(Object.assign(document.createElement("code"), { textContent: token.text }));
  },
  link(place, { href, title, tokens, raw }, env, depth) {
    const where = address(decoded(href));
    const inside = nodes(tokens, env, depth);
    if (where) place.append(link(where, title, inside));
    else if (/^[<[]/.test(raw) && inside.textContent) place.append(inside);
    else text(place, raw);
  },
  // A picture from elsewhere would tell that place who reads: it becomes a link.
  image(place, { href, title, text: words, raw }) {
    const where = address(decoded(href));
    if (where) place.append(link(where, title, decoded(words) || where));
    else text(place, decoded(words) || raw);
  },
  formula: (place, token) => place.append(formula(token)),
  note(place, { number }, { scope }) {
    const mark = document.createElement("sup");
    const to = Object.assign(document.createElement("a"), { className: "note-mark", textContent: number });
    to.setAttribute("href", `#note-${scope}-${number}`);
    mark.append(to);
    place.append(mark);
  },
};

function link(href, title, inside) {
  const element = document.createElement("a");
  Object.assign(element, { href, target: "_blank", rel: "noopener noreferrer" });
  if (title) element.title = decoded(title);
  element.append(inside);
  return element;
}
