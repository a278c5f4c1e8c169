// The JSON API, for what is not said over the socket.
import { words } from "../lib/words.js";

const ROOT = "/api/v1/";
// A change goes on though one leaves the page at once. Browsers carry 64 KiB like that.
const LEAVING_CHARACTERS = 10_000;

/** What the server refused, with its sentence for people. */
export class ApiError extends Error {
  constructor(status, { code = "internal", message = words.unknown, fields, retry_after } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.retryAfter = retry_after;
  }
}

function cookie(name) {
  const pair = document.cookie.split("; ").find((one) => one.startsWith(`${name}=`));
  return pair ? decodeURIComponent(pair.slice(name.length + 1)) : "";
}

export function csrfHeaders() {
  return { "X-CSRFToken": cookie("csrftoken") };
}

export function toSignIn() {
  window.location.assign(`/accounts/login/?next=${encodeURIComponent(window.location.pathname)}`);
}

/** The error that an answer of the API stands for; whoever is signed out goes to the sign-in page. */
export function problem(status, body) {
  if (status === 401) toSignIn();
  return new ApiError(status, body?.error);
}

async function call(method, path, body, headers = {}) {
  const options = { method, headers: { ...csrfHeaders(), ...headers }, credentials: "same-origin" };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
    options.keepalive = method === "PATCH" && options.body.length < LEAVING_CHARACTERS;
  }
  let answer;
  try {
    answer = await fetch(ROOT + path, options);
  } catch {
    throw new ApiError(0, { code: "unreachable", message: words.unreachable });
  }
  const data = answer.status === 204 ? null : await answer.json().catch(() => undefined);
  if (!answer.ok) throw problem(answer.status, data);
  // Something between us and the server has answered, such as the sign-in page of a hotel.
  if (data === undefined) throw new ApiError(answer.status);
  return data;
}

export const api = {
  get: (path) => call("GET", path),
  post: (path, body, headers) => call("POST", path, body, headers),
  put: (path, body) => call("PUT", path, body),
  patch: (path, body) => call("PATCH", path, body),
  delete: (path) => call("DELETE", path),
};
