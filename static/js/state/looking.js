// A picture on the whole screen: how large it is and where it stands. Pure.
// A view is {scale, x, y}: 1 is the whole picture as it fits, x and y say how far its middle is from that of the
// stage. A frame is {fit, stage, most}: the size at scale 1, the room there is, the largest scale.

export const WHOLE = { scale: 1, x: 0, y: 0 };
export const STEP = 1.5; // of a key or a button
const PAN_PX = 80; // of an arrow key
const LEAST_MOST = 4;
const MOST_PER_PIXEL = 4; // so large a pixel may become
const LARGER = 2.5; // by two clicks on a picture that is no larger than the stage
const SWIPE_PX = 50;
const SIDES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const between = (least, value, most) => Math.min(most, Math.max(least, value));

/** The whole of it in the room there is; never larger than it is. */
export function frameOf({ width, height }, stage) {
  const share = Math.min(1, stage.width / width, stage.height / height);
  const fit = { width: width * share, height: height * share, share };
  return { fit, stage, most: Math.max(LEAST_MOST, MOST_PER_PIXEL / share) };
}

/** No edge of it comes further in than where it ends. */
function held({ scale, x, y }, { fit, stage }) {
  const room = (side) => Math.max(0, (fit[side] * scale - stage[side]) / 2);
  const [wide, high] = [room("width"), room("height")];
  return { scale, x: between(-wide, x, wide), y: between(-high, y, high) };
}

/** To another scale; what is at the point `at` stays there. */
export function zoomed(view, scale, at, frame) {
  const to = between(1, scale, frame.most);
  const by = to / view.scale;
  return held({ scale: to, x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by }, frame);
}

export function moved(view, [dx, dy], frame) {
  return held({ ...view, x: view.x + dx, y: view.y + dy }, frame);
}

/** Two clicks: between the whole of it and its own size. */
export function turned(view, at, frame) {
  const own = 1 / frame.fit.share;
  return view.scale > 1 ? WHOLE : zoomed(view, own > 1.2 ? own : LARGER, at, frame);
}

/** How large it is shown, of its own size. */
export function shareOf(view, { fit }) {
  return view.scale * fit.share;
}

/** What a key asks for: {step}, {zoom}, {whole} or {move}; null: nothing. */
export function meant(key, { isWhole, isRtl }) {
  if (key === "+" || key === "=") return { zoom: STEP };
  if (key === "-" || key === "_") return { zoom: 1 / STEP };
  if (key === "0") return { whole: true };
  if (key === "PageUp" || key === "PageDown") return { step: key === "PageUp" ? -1 : 1 };
  if (!Object.hasOwn(SIDES, key)) return null;
  const [dx, dy] = SIDES[key];
  if (!isWhole) return { move: [-dx * PAN_PX, -dy * PAN_PX] };
  return dx ? { step: isRtl ? -dx : dx } : null;
}

/** Which way a finger that went so far turns the page: -1, 0 or 1. */
export function swiped({ dx, dy }, isRtl) {
  if (Math.abs(dx) < SWIPE_PX || Math.abs(dx) < 1.5 * Math.abs(dy)) return 0;
  return dx < 0 === isRtl ? -1 : 1;
}

// Which pictures there are -------------------------------------------------------------------------

/** Those of messages, in their order; each knows its message and the how manieth it is in it. */
export function picturesOf(messages) {
  return messages.flatMap((message) =>
    (message.images ?? []).map((image, nth) => ({ ...image, message: message.id, nth })),
  );
}

/** The picture as the server has told of it, without what is known where one looks at it. */
export function plain({ message, nth, name, known, text, uses, ...image }) {
  return image;
}

/** Of the address that a picture was fetched from; "" where it came in no such way. */
export function siteOf(source) {
  const url = source && URL.canParse(source) ? new URL(source) : null;
  return ["http:", "https:"].includes(url?.protocol) ? url.host : "";
}

export function placeOf(pictures, message, nth) {
  return pictures.findIndex((one) => one.message === message && one.nth === nth);
}

/** The messages with the words that a person now has for a picture. */
export function described(messages, { id, alt }) {
  const shows = (message) => message.images?.some((image) => image.id === id && image.alt !== alt);
  const renamed = (image) => (image.id === id ? { ...image, alt } : image);
  return messages.map((message) => (shows(message) ? { ...message, images: message.images.map(renamed) } : message));
}
