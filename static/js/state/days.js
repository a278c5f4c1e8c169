// Days where a person is, as numbers that can be counted. Pure.

const DAY = 86_400_000;
const PARTS = { calendar: "gregory", numberingSystem: "latn", year: "numeric", month: "numeric", day: "numeric" };

/** A function that gives the day of a moment in `zone`, counted from 1970; without one, where this browser is. */
export function daysIn(zone) {
  const format = formatter(zone);
  return (moment) => {
    const [month, day, year] = format.format(moment).split("/").map(Number);
    return Date.UTC(year, month - 1, day) / DAY;
  };
}

/** `2026-11`, for the day with this number. */
export function monthOf(day) {
  return new Date(day * DAY).toISOString().slice(0, 7);
}

function formatter(zone) {
  try {
    return new Intl.DateTimeFormat("en-US", { ...PARTS, timeZone: zone || undefined });
  } catch {
    return new Intl.DateTimeFormat("en-US", PARTS); // this browser does not know the zone
  }
}
