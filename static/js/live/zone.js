import { api } from "./api.js";

/** The first browser of a person tells where they are; from then on the settings page decides. */
export function tellZone(preferences) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  if (preferences.time_zone || !timeZone) return;
  api.patch("me", { preferences: { time_zone: timeZone } }).catch(() => {}); // the next page tells it
}
