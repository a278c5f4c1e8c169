// One file to the server, with progress, which `fetch` does not tell.
import { words } from "../lib/words.js";
import { ApiError, csrfHeaders, problem } from "./api.js";

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Resolves with the object that the API answers. `to`: "images", "files" or "imports". `signal` takes it back. */
export function upload(file, { to, progress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("file", file, file.name || "picture");
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status === 201) resolve(body.items?.[0] ?? body);
      else reject(problem(request.status, body));
    };
    request.onerror = () => reject(new ApiError(0, { code: "unreachable", message: words.uploadBroke }));
    request.onabort = () => reject(new ApiError(0, { code: "taken_back", message: "" }));
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", `/api/v1/${to}`);
    for (const [name, value] of Object.entries(csrfHeaders())) request.setRequestHeader(name, value);
    request.send(form);
  });
}
