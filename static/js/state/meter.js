// How full the model's window is: what the server knows of it, and what is being typed. Pure.

const BYTES_A_TOKEN = 4; // as the server estimates what no call has told of yet (runs/meter.py)
const FULL = 0.95;
const NEARLY = 0.75;
const A_MILLION = 1_000_000;

export function tokensOf(text) {
  return Math.ceil(new TextEncoder().encode(text).length / BYTES_A_TOKEN);
}

/** `context` is the API's, `pictures` what those take that are to be sent. The room for what is read is the window without what is kept for the answer. */
export function filled({ used, window, reserved }, typed, pictures) {
  const room = Math.max(1, window - reserved);
  const tokens = used + tokensOf(typed) + (pictures?.tokens ?? 0);
  const share = Math.min(1, tokens / room);
  return { tokens, room, share, level: share >= FULL ? "full" : share >= NEARLY ? "nearly" : "" };
}

/** In dollars; null where no price is known. What is typed is read at the full price. */
export function likelyCost({ likely_cost: cost }, typed, prices, pictures) {
  if (cost === null) return null;
  return Number(cost) + Number(pictures?.cost ?? 0) + (tokensOf(typed) * Number(prices?.input ?? 0)) / A_MILLION;
}

/** What the meter depends on: of a branch that stands as it is, the server is asked once. Null: there is
    nothing to be shown, or an answer is being written that will change it. */
export function cause({ conversation, messages }) {
  const last = messages.at(-1);
  if (!conversation || !last || last.status === "running") return null;
  const { id, model, options, system_prompt: prompt } = conversation;
  return JSON.stringify([id, last.id, last.status, model, options, prompt]);
}
