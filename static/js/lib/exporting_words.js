// What is said of an export in the admin.
import { fill, gettext, number } from "./gettext.js";

const SAID = {
  going: gettext("{done} of {of}"),
  about: gettext("{done} of about {of}"),
  complete: gettext("Complete, {done} in all."),
  stopped: gettext("Stopped after {done}. The file is not complete."),
  broken: gettext("It broke off after {done}. The file is not complete; begin again."),
};

export const words = {
  begins: gettext("The export begins."),
  stopping: gettext("It is being stopped."),
  unheard: gettext("Nothing is heard of the export any more. The last line of the file says whether it is complete."),
  said: ({ state, is_counted, done, of }) =>
    fill(SAID[state === "going" && !is_counted ? "about" : state] ?? SAID.broken, { done: number(done), of: number(of) }),
};
