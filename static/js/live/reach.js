// Bringing a message into the thread, wherever in the conversation it stands.
import { messageOf, withOlder } from "../state/thread.js";
import { api } from "./api.js";

const PAGE = 200; // the largest that the server gives: what is far up is reached in few steps

/** True once the message is in the thread: on its own branch, or on an earlier page. Raises an ApiError. */
export async function reach(chat, id) {
  if (messageOf(chat.thread, id)) return true;
  const { conversation } = chat;
  const place = `conversations/${conversation.id}/messages`;
  await chat.turning(async () => {
    const page = await api.get(`${place}?through=${encodeURIComponent(id)}&limit=${PAGE}`);
    if (isOpen(chat, conversation)) await chat.showBranch(page);
  });
  if (!isOpen(chat, conversation)) return false;
  const oldest = chat.thread.messages[0]?.id;
  const pages = await pagesUpTo(id, place, chat.thread);
  // Another tab may have turned to a branch in which these never were.
  if (!isOpen(chat, conversation) || !messageOf(chat.thread, oldest)) return false;
  // All at once: drawn page by page, each would be laid out only to go out of sight.
  chat.become(pages.reduce(withOlder, chat.thread));
  return Boolean(messageOf(chat.thread, id));
}

function isOpen(chat, conversation) {
  return chat.conversation === conversation || chat.conversation?.id === conversation.id;
}

/** The pages above the thread, up to the one with this message. */
async function pagesUpTo(id, place, thread) {
  const pages = [];
  let { next } = thread;
  for (let found = messageOf(thread, id); next && !found;) {
    const page = await api.get(`${place}?cursor=${encodeURIComponent(next)}&limit=${PAGE}`);
    pages.push(page);
    found = page.items.some((item) => item.id === id);
    ({ next } = page);
  }
  return pages;
}
