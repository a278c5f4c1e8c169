// What scripts say by themselves. Sentences that few pages need, or one place, stand with who says them (*_words.js,
// stopped.js, redacted.js); all others come from the server or stand in templates.
import { fill, gettext, ngettext, number } from "./gettext.js";
import { dayAndTime } from "./moments.js";

const PRICE = { style: "currency", currency: "USD", minimumFractionDigits: 4, maximumFractionDigits: 4 };

const SECONDS = { maximumFractionDigits: 1 };
const CALLS = {
  running: gettext("is at work"),
  waiting: gettext("waits for your approval"),
  done: gettext("done"),
  failed: gettext("failed"),
};

function counted(count = 0, part = 0, sentence = "") {
  return part ? fill(sentence, { count: number(count), part: number(part) }) : number(count);
}

export const words = {
  lineLost: gettext("Reconnecting…"),
  lineOff: gettext("Offline"),
  lineFull: gettext("Too many tabs are open. Close some."),
  willSend: gettext("Not sent yet: the line is down. It goes out by itself when it is back."),
  unreachable: gettext("The site cannot be reached. Check the connection and try again."),
  unknown: gettext("Something went wrong. Try again."),
  uploadBroke: gettext("The upload broke off. Try again."),
  uploadsRunning: gettext("A file is still on its way. The message goes out when that is done."),
  uploadsWait: gettext("A file is still on its way. Send it when that is done."),
  uploadFailed: gettext("A file did not arrive. Try it again, or remove it."),
  notUploaded: (names) =>
    fill(ngettext("{names} was not uploaded. Choose it again.", "{names} were not uploaded. Choose them again.", names.length), {
      names: names.join(", "),
    }),
  pastedText: gettext("Pasted text.txt"),
  fileGone: gettext("This file is not here (any more)."),
  queueWaits: gettext("Goes out when the answer has ended"),
  queueHeld: gettext("The answer did not come to its end. These wait for you."),
  leftUnsent: gettext("The tab was closed before this was sent."),
  answerReady: gettext("The answer is ready."),
  answerBroken: gettext("The answer did not come to its end."),
  answering: gettext("The answer begins."),
  copied: gettext("Copied"),
  done: gettext("Done"),
  notDone: gettext("Not done"),
  thinking: gettext("Thinking…"),
  thought: gettext("What it thought"),
  diagram: (first) => fill(gettext("Diagram: {first}"), { first }),
  drawingBoard: gettext("Where diagrams are drawn"),
  notes: gettext("Footnotes"),
  toMark: gettext("Back to the text"),
  newConversation: gettext("New conversation"),
  pinned: gettext("Pinned"),
  today: gettext("Today"),
  yesterday: gettext("Yesterday"),
  week: gettext("Last 7 days"),
  month: gettext("Last 30 days"),
  newTitle: gettext("New title"),
  beingAnswered: gettext("being answered: "),
  answeredUnseen: gettext("answered: "),
  deleted: gettext("Deleted: {title}"),
  archived: gettext("In the archive: {title}"),
  palette_recent: gettext("Recent"),
  palette_acts: gettext("Do"),
  palette_found: gettext("Conversations"),
  you: gettext("You"),
  model: gettext("Answer"),
  nothingFound: gettext("Nothing was found."),
  saysNothing: (filter) => fill(gettext("{filter} says nothing yet."), { filter }),
  conversationsFound: (count) => fill(ngettext("{count} conversation found", "{count} conversations found", count), { count }),
  moreFound: (count) => fill(ngettext("{count} more", "{count} more", count), { count }),
  tooMany: (most) =>
    fill(ngettext("At most {most} picture fits into one message.", "At most {most} pictures fit into one message.", most), {
      most,
    }),
  tooManyFiles: (most) =>
    fill(ngettext("At most {most} file fits into one message.", "At most {most} files fit into one message.", most), {
      most,
    }),
  fileTooLarge: (name, most) =>
    fill(gettext("{name} is too large: a file may have at most {megabytes} MB."), {
      name,
      megabytes: Math.floor(most / 2 ** 20),
    }),
  noFolders: gettext("A folder cannot be sent. Choose the files in it."),
  thereAlready: (name) => fill(gettext("{name} is there already."), { name }),
  aPicture: gettext("This picture"),
  added: gettext("Added to the message."),
  remove: (name) => fill(gettext("Remove {name}"), { name }),
  takenAway: (name) => fill(gettext("{name} was taken out."), { name }),
  /** A picture or file above the field, to who hears of it. */
  attached: ({ name, at, of, sentence }) =>
    [of > 1 ? fill(gettext("{name}, {which} of {all}"), { name, which: at + 1, all: of }) : name, sentence].filter(Boolean).join(": "),
  movedTo: ({ name, at, of }) => fill(gettext("{name} is at place {which} of {all} now."), { name, which: at + 1, all: of }),
  /** How closely pictures are looked at, and what that takes. */
  detail: (name, takes) => {
    if (!takes) return name;
    const price = takes.cost === null ? "" : words.price(Number(takes.cost));
    return [name, words.tokens(takes.tokens), price].filter(Boolean).join(" · ");
  },
  tooLong: (most) =>
    fill(gettext("This is too long: at most {megabytes} MB of text go into one message."), {
      megabytes: Math.floor(most / 2 ** 20),
    }),
  retrying: (reason, attempt, seconds) => {
    if (!attempt) return reason; // nothing is asked yet
    return fill(
      attempt === 1 // nothing was tried yet: others stand before us
        ? gettext("{reason} It will be your turn in about {seconds} s.")
        : seconds
        ? gettext("{reason} Trying again in {seconds} s (attempt {attempt}).")
        : gettext("{reason} Trying again (attempt {attempt})."),
      { reason, attempt, seconds },
    );
  },
  insteadOf: (asked, model) => fill(gettext("{asked} could not answer; {model} did."), { asked, model }),
  tokens: (count) => fill(ngettext("{count} token", "{count} tokens", count), { count: number(count) }),
  details: gettext("Details"),
  inShort: ({ usage, cost, cached }) => {
    const tokens = usage && words.tokens((usage.input_tokens ?? 0) + (usage.output_tokens ?? 0));
    const price = usage && words.price(Number(cost));
    return [tokens, cached ? gettext("kept answer") : price].filter(Boolean).join(" · ") || words.details;
  },
  callStatus: (status) => CALLS[status] ?? "",
  /** What is known of an answer, as pairs of a name and a value. */
  facts: ({ model, created_at, seconds, usage, cost, cached }) =>
    [
      [gettext("Model"), model],
      [gettext("Comes from"), cached && gettext("an earlier answer to the very same question")],
      [gettext("When"), created_at && dayAndTime(created_at)],
      [gettext("Took"), seconds && fill(gettext("{seconds} s"), { seconds: number(seconds, SECONDS) })],
      [gettext("Tokens read"), usage && counted(usage.input_tokens, usage.cached_input_tokens, gettext("{count}, {part} of them cached"))],
      [gettext("Tokens written"), usage && counted(usage.output_tokens, usage.reasoning_tokens, gettext("{count}, {part} of them thinking"))],
      [gettext("Cost"), words.price(Number(cost))],
    ].filter(([, value]) => value),
  contextUsed: (share) => fill(gettext("{percent} of the model's window in use"), { percent: number(share, { style: "percent" }) }),
  leftOut: (count) =>
    fill(
      ngettext("An earlier message did not fit and was not read.", "{count} earlier messages did not fit and were not read.", count),
      { count: number(count) },
    ),
  /** What is known of how full a conversation is, as pairs of a name and a value. */
  context: ({ model, window, reserved, tokens, room, share, exact, left_out, cost }) =>
    [
      [gettext("Model"), model],
      [gettext("Its window"), words.tokens(window)],
      [gettext("Kept free for the answer"), words.tokens(reserved)],
      [
        gettext("In use"),
        fill(exact ? gettext("{tokens} of {room} ({percent})") : gettext("about {tokens} of {room} ({percent})"), {
          tokens: number(tokens),
          room: number(room),
          percent: number(share, { style: "percent" }),
        }),
      ],
      [gettext("Not read by the last answer"), left_out && fill(ngettext("{count} message", "{count} messages", left_out), { count: number(left_out) })],
      [gettext("The next message costs about"), cost === 0 ? gettext("nothing") : words.price(cost)],
    ].filter(([, value]) => value),
  price: (dollars) => {
    if (!(dollars > 0)) return "";
    return dollars < 0.0001 ? fill(gettext("under {price}"), { price: number(0.0001, PRICE) }) : number(dollars, PRICE);
  },
  picture: (count) => fill(gettext("Picture {number}"), { number: count }),
  match: (which, all) => (all ? fill(gettext("{which} of {all}"), { which, all }) : gettext("Nothing found")),
  readInFull: gettext("All of it is read again, as long as there is room."),
  thanks: gettext("Thank you. It was sent."),
  reported: gettext("Thank you. Your report was sent."),
  withdrawn: gettext("Your report was withdrawn."),
  messageDeleted: gettext("Deleted."),
  endsOn: (date) => fill(gettext("On {date}"), { date }),
  stoodOn: (date) => fill(gettext("Shows what stood on {date}"), { date }),
  hasEnded: gettext("Has ended"),
  linkEnds: (date) => fill(gettext("Ends on {date}"), { date }),
  exportBegins: gettext("The export begins."),
  exported: (done, of) => fill(gettext("Conversations: {done} of {of}"), { done: number(done), of: number(of) }),
  exportedAll: gettext("All conversations are written; what follows are pictures and files."),
  onItsWay: gettext("On its way…"),
  importStopped: gettext("Stopped. The same file brings the rest."),
  imported: ({ imported, messages, images, extended, known }) =>
    [
      fill(ngettext("{count} conversation imported", "{count} conversations imported", imported), { count: number(imported) }),
      fill(ngettext("{count} message", "{count} messages", messages), { count: number(messages) }),
      images && fill(ngettext("{count} picture", "{count} pictures", images), { count: number(images) }),
      extended &&
        fill(ngettext("{count} conversation got what is new", "{count} conversations got what is new", extended), {
          count: number(extended),
        }),
      known && fill(ngettext("{count} was here already", "{count} were here already", known), { count: number(known) }),
    ]
      .filter(Boolean)
      .join(" · "),
};
