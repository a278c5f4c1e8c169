// Markdown to HTML text. What comes out is not safe yet: only lib/sanitise.js may put it on a page.
import { Marked } from "marked";

// Tags that models write inside Markdown and that only shape text. All other HTML is shown as it was typed.
const HARMLESS = /^<\/?(?:br|sub|sup|kbd|mark|u)\s*\/?>$/i;

function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

const renderer = {
  html({ text, block }) {
    if (HARMLESS.test(text.trim())) return text;
    return block ? `<p>${escaped(text.trim())}</p>` : escaped(text);
  },
  // A picture from elsewhere would tell that place who reads: it becomes a link.
  image({ href, text }) {
    return `<a href="${escaped(href)}">${escaped(text || href)}</a>`;
  },
};

const marked = new Marked({ gfm: true, renderer });

/** Carriage returns say nothing, and marked would count them differently. */
export function tidy(text) {
  return text.includes("\r") ? text.replace(/\r/g, "") : text;
}

export function html(text) {
  return marked.parse(tidy(text), { async: false });
}

/** Whether a link is defined somewhere else than where it is used; then a block depends on a later one. */
export function hasDefinitions(text) {
  return /^ {0,3}\[[^\]\n]+\]:/m.test(text);
}

const FENCED = /^ {0,3}(`{3,}|~{3,})/;

function ends(token) {
  if (token.type === "heading" || token.type === "hr") return true;
  const fence = token.type === "code" && FENCED.exec(token.raw);
  if (!fence) return false;
  const lines = token.raw.trimEnd().split("\n");
  const last = lines[lines.length - 1].trim();
  return lines.length > 1 && last.startsWith(fence[1]) && last === last[0].repeat(last.length);
}

/** How much of a growing text, in UTF-16 units, is whole blocks that nothing to come can change.
    Only whole lines decide: `---` may still become `---x`. */
export function settled(text) {
  const lines = text.slice(0, text.lastIndexOf("\n") + 1);
  if (!lines) return 0;
  const tokens = marked.lexer(lines);
  let last = tokens.length - 1;
  while (last >= 0 && tokens[last].type === "space") last -= 1;
  if (last < 0) return 0;
  const stop = ends(tokens[last]) ? last + 1 : last;
  return tokens.slice(0, stop).reduce((length, token) => length + token.raw.length, 0);
}

const OPENING = /^( {0,3})(`{3,}|~{3,})([^\n`]*)\n/;

/** The code block that a text begins with, so far: `{lang, code, closed}`, or null. */
export function openFence(text) {
  const opening = OPENING.exec(text);
  if (!opening) return null;
  const [head, , fence, info] = opening;
  const body = text.slice(head.length);
  const closing = new RegExp(`(?:^|\\n) {0,3}${fence[0]}{${fence.length},}[ \\t]*(?:\\n|$)`);
  if (closing.test(body)) return { closed: true };
  return { closed: false, lang: info.trim().split(/\s/)[0], start: head.length, fence };
}
