// Positions on the wire count Unicode code points and limits bytes of UTF-8, as the server does; JavaScript
// counts UTF-16 units.

const PAIR = /[\ud800-\udbff][\udc00-\udfff]/g;

/** How many code points a text has. */
export function points(text) {
  const pairs = text.match(PAIR);
  return text.length - (pairs ? pairs.length : 0);
}

/** Whether a text is at most `most` bytes of UTF-8. A UTF-16 unit is at most three, so short ones are not counted. */
export function fits(text, most) {
  return text.length * 3 <= most || new TextEncoder().encode(text).length <= most;
}

/** Where, in UTF-16 units, the code point number `count` begins. */
function unit(text, count) {
  let at = 0;
  for (let seen = 0; seen < count && at < text.length; seen += 1) {
    at += text.codePointAt(at) > 0xffff ? 2 : 1;
  }
  return at;
}

export function pointsAfter(text, count) {
  return count > 0 ? text.slice(unit(text, count)) : text;
}

export function pointsBefore(text, count) {
  return text.slice(0, unit(text, count));
}
