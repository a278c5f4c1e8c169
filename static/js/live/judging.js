// What a person does to a message that is there, by HTTP.
import * as threads from "../state/thread.js";
import { api } from "./api.js";

/** What they think of an answer, all of it. It shows at once, and goes back when the server says no. */
export async function judge(chat, id, opinion) {
  const before = threads.messageOf(chat.thread, id)?.feedback ?? null;
  chat.become(threads.judged(chat.thread, id, { reasons: [], comment: "", report: null, ...opinion }));
  try {
    chat.become(threads.judged(chat.thread, id, await api.put(`messages/${id}/feedback`, opinion)));
    return true;
  } catch (error) {
    chat.become(threads.judged(chat.thread, id, before));
    chat.tell("trouble", error.message);
    return false;
  }
}

/** Delete it with what follows it; the other tabs follow. What was deleted already is just as gone. */
export async function prune(chat, id) {
  try {
    await api.delete(`messages/${id}`);
  } catch (error) {
    if (error.code !== "not_found") return chat.tell("trouble", error.message);
  }
  await chat.refresh();
}
