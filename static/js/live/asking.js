// What may be asked about pictures by one click: an administrator's list, fetched when it is first wanted.
import { api } from "./api.js";

let asked = null;

/** None without a connection; whoever wants them next asks again. */
export async function questions() {
  asked ??= api.get("picture-questions");
  try {
    return (await asked).items;
  } catch {
    asked = null;
    return [];
  }
}
