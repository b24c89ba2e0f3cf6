/** Instants on the wall clock of a zone, and lengths of time, as people write them. Instants are Unix milliseconds. */

const OFFSET = /^([+-])(\d\d):(\d\d)(?::(\d\d))?$/;
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const SECOND = 1000;
const DAY = 86_400 * SECOND;

const formats = new Map();

/** The format of a zone by the browser's zone data; null for UTC, and for a zone that the browser does not know. */
function formatOf(zone) {
  if (!formats.has(zone)) {
    let format = null;
    try {
      const parts = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
      format = new Intl.DateTimeFormat("en-US", { ...parts, timeZone: zone, hourCycle: "h23", calendar: "gregory" });
    } catch {
      // RangeError: zone data of browsers are older than the server's now and then.
    }
    formats.set(zone, format);
  }
  return formats.get(zone);
}

/** Local time minus UTC at an instant, in milliseconds. */
function offsetAt(instant, zone) {
  const fixed = OFFSET.exec(zone);
  if (fixed) {
    const [hours, minutes, seconds] = fixed.slice(2).map((part) => Number(part ?? 0));
    return (fixed[1] === "-" ? -1 : 1) * ((hours * 60 + minutes) * 60 + seconds) * SECOND;
  }
  const format = zone === "Z" ? null : formatOf(zone);
  if (format === null) return 0;
  const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const local = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  return local - Math.floor(instant / SECOND) * SECOND;
}

/** What a page calls a zone in which it shows times. */
export function zoneText(zone) {
  if (zone === "Z") return "UTC";
  return OFFSET.test(zone) || formatOf(zone) ? zone : `UTC, for this browser does not know ${zone}`;
}

/** An instant as a date whose UTC fields are the wall clock's of the zone. */
export function local(instant, zone) {
  return new Date(instant + offsetAt(instant, zone));
}

const two = (number) => String(number).padStart(2, "0");

/** `Mon 2026-03-02`. */
function dateText(date) {
  return `${WEEKDAYS[date.getUTCDay()]} ${date.toISOString().slice(0, 10)}`;
}

/** `10:15:00`; `10:15` to the minute. */
export function hourText(instant, zone, toMinute = false) {
  const date = local(instant, zone);
  const text = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  return toMinute ? text : `${text}:${two(date.getUTCSeconds())}`;
}

/** `Mon 2026-03-02 10:15:00`; `Mon 2026-03-02 10:15` to the minute. */
export function momentText(instant, zone, toMinute = false) {
  return `${dateText(local(instant, zone))} ${hourText(instant, zone, toMinute)}`;
}

/** What a mark of a time axis says: the day where it begins, otherwise the hour. */
export function markText(instant, zone) {
  const date = local(instant, zone);
  const begins = date.getTime() % DAY === 0;
  return begins ? `${WEEKDAYS[date.getUTCDay()]} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}` : hourText(instant, zone, true);
}

/** The instant at which the wall clock of a zone shows the text of a `datetime-local`; the first of two, null for none. */
export function instantOf(text, zone) {
  const shown = Date.parse(`${text}Z`);
  const offsets = new Set([offsetAt(shown - DAY, zone), offsetAt(shown + DAY, zone)]);
  const instants = [...offsets].map((offset) => shown - offset).filter((each) => each + offsetAt(each, zone) === shown);
  return instants.length ? Math.min(...instants) : null;
}

/** The text of a `datetime-local` for an instant. */
export function fieldText(instant, zone) {
  return local(instant, zone).toISOString().slice(0, 19);
}

/** `2026-03-02T15:15:00Z`: an instant as the server reads it. */
export function isoText(instant) {
  return new Date(instant).toISOString().replace(".000", "");
}

/** A length of time, given in seconds, as people say it: `42 s`, `7 min 5 s`, `3 h 20 min`, `2 d 4 h`. */
export function spanText(seconds) {
  const units = [["d", 86_400, "h", 3600], ["h", 3600, "min", 60], ["min", 60, "s", 1]];
  for (const [unit, size, below, belowSize] of units) {
    if (seconds < size) continue;
    const rest = Math.floor((seconds % size) / belowSize);
    return `${Math.floor(seconds / size)} ${unit}${rest ? ` ${rest} ${below}` : ""}`;
  }
  return `${Math.round(seconds)} s`;
}
