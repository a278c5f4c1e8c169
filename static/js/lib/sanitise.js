// The one door from text to elements. Nothing else in this site may set HTML.
import DOMPurify from "dompurify";

const ALLOWED = {
  ALLOWED_TAGS: (
    "p br hr h1 h2 h3 h4 h5 h6 strong em b i u s del mark sub sup kbd code pre blockquote ul ol li " +
    "a table thead tbody tr th td input"
  ).split(" "),
  ALLOWED_ATTR: ["href", "class", "start", "align", "type", "checked", "disabled"],
  ADD_URI_SAFE_ATTR: ["start", "align", "type", "checked", "disabled"], // are not addresses
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
  RETURN_DOM_FRAGMENT: true,
};

const LANGUAGE = /^language-[\w+#.-]{1,40}$/;

const purify = DOMPurify(window);

purify.addHook("uponSanitizeAttribute", (node, data) => {
  if (data.attrName === "class") data.keepAttr = node.nodeName === "CODE" && LANGUAGE.test(data.attrValue);
});

purify.addHook("afterSanitizeAttributes", (node) => {
  if (node.nodeName === "A" && node.hasAttribute("href")) {
    node.setAttribute("target", "_blank");
    node.setAttribute("rel", "noopener noreferrer");
  }
  if (node.nodeName === "INPUT") {
    node.setAttribute("type", "checkbox"); // a task in a list, to look at
    node.setAttribute("disabled", "");
  }
});

/** A fragment in which nothing runs, loads, submits or covers the page. */
export function clean(html) {
  return purify.sanitize(html, ALLOWED);
}
