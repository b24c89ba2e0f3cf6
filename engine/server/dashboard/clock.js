/** The clock: where it stands, play and pause, its speed, and advancing it. */

import { element, say, tell, the } from "./elements.js";
import { ask } from "./server.js";
import { fieldText, instantOf, isoText, momentText, spanText, zoneText } from "./times.js";

const ALOUD_EVERY = 60_000; // A screen reader that said each second would say nothing else.
const HOUR = 3_600_000;

let clock = null;
let zone = "Z";
let advance = null;
let isWritten = false; // Whether someone has written an instant to advance to.
let spokenAt = 0;

/** Shows the clock of a state on the wall clock of the chosen campaign's zone. */
export function showClock(latest, itsZone) {
  const elsewhere = zone !== itsZone;
  const changed = clock?.speed !== latest.speed;
  const turned = clock?.paused !== latest.paused;
  [clock, zone] = [latest, itsZone];
  const instant = Date.parse(clock.instant);
  say(the("local"), momentText(instant, zone));
  the("local").dateTime = clock.instant;
  say(the("zone"), zoneText(zone));
  the("elsewhere").hidden = zone === "Z";
  say(the("utc"), momentText(instant, "Z"));
  the("utc").dateTime = clock.instant;
  say(the("play"), clock.paused ? "Play" : "Pause");
  if (changed) showSpeed();
  say(the("until-zone"), `(${zoneText(zone)})`);
  if (elsewhere) isWritten = false;
  if (!isWritten && document.activeElement !== the("until")) {
    the("until").value = fieldText(Math.floor(instant / HOUR) * HOUR + HOUR, zone);
  }
  if (advance) showAdvance(instant);
  if (turned || performance.now() - spokenAt > ALOUD_EVERY) speak(instant);
}

function showSpeed() {
  const speed = String(clock.speed);
  if (![...the("speed").options].some((option) => option.value === speed)) {
    the("speed").append(element("option", { value: speed }, `${clock.speed.toLocaleString("en-US")} ×`));
  }
  the("speed").value = speed;
}

/** Says the time to a screen reader. */
function speak(instant) {
  spokenAt = performance.now();
  say(the("clock-aloud"), `${momentText(instant, zone, true)}, ${clock.paused ? "paused" : "playing"}`);
}

function showAdvance(instant) {
  const share = Math.min(1, Math.max(0, (instant - advance.from) / (advance.until - advance.from)));
  the("advanced").value = share;
  say(the("advancing-words"), `Advancing to ${momentText(advance.until, zone)}`);
}

/** Lets the buttons of the clock work. */
export function startClock() {
  the("play").addEventListener("click", () => setClock({ paused: !clock.paused }));
  the("speed").addEventListener("change", () => setClock({ speed: Number(the("speed").value) }));
  for (const button of document.querySelectorAll("button[data-seconds]")) {
    const seconds = Number(button.dataset.seconds);
    button.addEventListener("click", () => advanceTo(Date.parse(clock.instant) + seconds * 1000, { by: seconds }));
  }
  the("until").addEventListener("input", () => (isWritten = true));
  the("advance").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = the("until").value;
    if (!text) return refuse("Write the whole date and time to advance to.");
    const until = instantOf(text, zone);
    if (until === null) return refuse(`The clocks of ${zoneText(zone)} skip this time. Choose an hour earlier or later.`);
    return advanceTo(until, { to: isoText(until) });
  });
}

function refuse(message) {
  tell(the("clock-told"), [message], true);
}

async function setClock(change) {
  try {
    showClock(await ask("PUT", "/simulation/clock", change), zone);
    tell(the("clock-told"), []);
  } catch (error) {
    refuse(error.message);
    showSpeed();
  }
}

async function advanceTo(until, request) {
  if (advance) return;
  advance = { from: Date.parse(clock.instant), until };
  const buttons = document.querySelectorAll("button.advance");
  for (const button of buttons) button.setAttribute("aria-disabled", "true");
  tell(the("clock-told"), []);
  the("advancing").hidden = false;
  showAdvance(advance.from);
  try {
    tell(the("clock-told"), wordsFor(await ask("POST", "/simulation/advance", request)));
    isWritten = false;
  } catch (error) {
    refuse(error.message);
  } finally {
    advance = null;
    the("advancing").hidden = true;
    for (const button of buttons) button.removeAttribute("aria-disabled");
  }
}

/** What happened, in a line for each campaign. */
function wordsFor({ from, to, campaigns }) {
  const count = (number, noun) => `${number.toLocaleString("en-US")} ${noun}${number === 1 ? "" : "s"}`;
  const sum = (counts) => Object.values(counts).reduce((total, each) => total + each, 0);
  const span = spanText((Date.parse(to) - Date.parse(from)) / 1000);
  return [
    `Advanced ${span}, to ${momentText(Date.parse(to), zone)}.`,
    ...campaigns.map(
      ({ name, begun, outcomes, ended, reached }) =>
        `${name}: ${count(begun, "call")} begun, ${sum(outcomes).toLocaleString("en-US")} ended; ` +
        `${count(reached, "number")} reached, ${count(sum(ended), "job")} done.`,
    ),
  ];
}
