// Bringing a message into the thread, wherever in the conversation it stands.
import { messageOf } from "../state/thread.js";
import { api } from "./api.js";

const PAGE = 200; // the largest that the server gives: what is far up is reached in few steps

/** True once the message is in the thread: on its own branch, or on an earlier page. Raises an ApiError. */
export async function reach(chat, id) {
  if (messageOf(chat.thread, id)) return true;
  const { conversation } = chat;
  const page = await api.get(`conversations/${conversation.id}/messages?through=${encodeURIComponent(id)}&limit=${PAGE}`);
  if (chat.conversation !== conversation && chat.conversation?.id !== conversation.id) return false;
  await chat.showBranch(page);
  for (let held = 0; !messageOf(chat.thread, id) && chat.thread.messages.length > held;) {
    held = chat.thread.messages.length;
    await chat.older(PAGE);
  }
  return Boolean(messageOf(chat.thread, id));
}
