// A picture that is somewhere on the web: the site fetches it. The page itself goes to no other server.
import { words } from "../lib/words.js";
import { ApiError, csrfHeaders, problem } from "./api.js";

async function answerTo(form, signal) {
  try {
    return await fetch("/api/v1/images", { method: "POST", headers: csrfHeaders(), body: form, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError(0, { code: "unreachable", message: words.unreachable });
  }
}

/** Resolves with the stored picture. */
export async function pictureAt(address, signal) {
  const form = new FormData();
  form.append("image_url", address);
  const answer = await answerTo(form, signal);
  const body = await answer.json().catch(() => undefined);
  if (!answer.ok || !body) throw problem(answer.status, body);
  return body.items[0];
}
