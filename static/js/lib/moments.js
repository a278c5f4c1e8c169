// Days and times as people of this language write them.
import { language } from "./gettext.js";

export function day(moment) {
  return new Date(moment).toLocaleDateString(language, { dateStyle: "medium" });
}

export function dayAndTime(moment) {
  return new Date(moment).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
}
