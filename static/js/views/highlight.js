// Colours for code that is whole. highlight.js gives HTML; of that only its spans and their text are taken,
// in a document that is none, so nothing of the code can become more than text.
import { highlighter, whenIdle } from "./later.js";

const LONGEST = 50_000; // characters; more would stop the page for a moment
const CLASS = /^hljs-[\w -]+$/;

export function colour(code, language) {
  whenIdle(async () => {
    const text = code.textContent;
    const hljs = text.length <= LONGEST && (await highlighter());
    if (!hljs || !hljs.getLanguage(language) || code.textContent !== text) return;
    const { value } = hljs.highlight(text, { language, ignoreIllegals: true });
    code.replaceChildren(...spans(new DOMParser().parseFromString(value, "text/html").body));
  });
}

function spans(parsed) {
  return [...parsed.childNodes].map((node) => {
    if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.data);
    const span = document.createElement("span");
    if (CLASS.test(node.className)) span.className = node.className;
    span.append(...spans(node));
    return span;
  });
}
