// How the open conversation is set up. One that does not exist yet keeps it until its first message.
import { keepStart, startOf } from "../lib/start.js";
import { USUAL, isNothing } from "../state/setup.js";

export function setupOfThis({ conversation, user }) {
  return conversation ?? startOf(user.id) ?? USUAL;
}

export async function keepSetup(chat, setup) {
  const { conversation, user } = chat;
  if (conversation) await chat.change(conversation.id, setup);
  else keepStart(user.id, isNothing(setup) ? null : setup);
}
