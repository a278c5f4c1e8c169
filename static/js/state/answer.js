// An answer that grows. Pure: takes a message, gives the message as it is afterwards.
import { points, pointsAfter, pointsBefore } from "../lib/points.js";

/** `field` is `text` or `reasoning`; `held` counts its code points, so that no delta costs a recount. */
const HELD = { text: "points", reasoning: "thought" };

export function counted(message) {
  return {
    ...message,
    text: message.text ?? "",
    reasoning: message.reasoning ?? "",
    points: points(message.text ?? ""),
    thought: points(message.reasoning ?? ""),
    gap: false,
  };
}

/** Add what belongs at `at`: an overlap is cut, a gap is marked and nothing is added. */
export function append(answer, { at, text }, field = "text") {
  const held = answer[HELD[field]];
  if (at > held) return { ...answer, gap: true };
  const fresh = pointsAfter(text, held - at);
  if (!fresh) return answer;
  return { ...answer, [field]: answer[field] + fresh, [HELD[field]]: held + points(fresh) };
}

/** A call of a tool; the latest word on it replaces the earlier ones. */
export function called(answer, call) {
  const held = answer.tool_calls ?? [];
  const known = held.some((one) => one.id === call.id);
  return { ...answer, tool_calls: known ? held.map((one) => (one.id === call.id ? call : one)) : [...held, call] };
}

/** The whole text has `length` code points: who holds more cuts, who holds less has a gap. */
export function cutTo(answer, length) {
  if (length > answer.points) return { ...answer, gap: true };
  if (length === answer.points) return answer;
  return { ...answer, text: pointsBefore(answer.text, length), points: length };
}

/** The message as the server knows it, without losing text that has already been shown. */
export function merged(held, fresh) {
  const known = counted(fresh);
  if (!held || fresh.status !== "running" || known.points >= held.points) return known;
  return { ...known, text: held.text, points: held.points, reasoning: held.reasoning, thought: held.thought };
}
