/** Jobs that are looked up by phone or id: their lives so far, and what comes next. */

import { showOutcome } from "./campaign.js";
import { colour, drawn, element, fill, row, say, tell, the } from "./elements.js";
import { ask } from "./server.js";
import { momentText, spanText } from "./times.js";

const AGAIN_AFTER = 1000;
const MOST_SHOWN = 20;
const STATUSES = {
  planned: "Waits for its first call",
  inProcess: "In a call",
  onRetry: "Waits for another call",
  longCallWithResult: "Reached, with a result",
  longCallWithNoResult: "Reached, without a result",
  noAnswer: "No answer",
  nonexistentNumber: "The number does not exist",
  notDone: "Not done",
  canceled: "Cancelled",
  technicalError: "Technical error",
};

let text = "";
let state = null;
let askedAt = 0;
let waits = false;

/** Lets the form look jobs up. */
export function startJobs() {
  the("job-search").addEventListener("submit", (event) => {
    event.preventDefault();
    lookUp(the("job-text").value.trim());
  });
}

/** Looks a job up as if someone had typed it, and goes there. */
export async function showJob(job) {
  the("job-text").value = job;
  the("look-up").scrollIntoView({ block: "nearest" });
  the("job-text").focus({ preventScroll: true });
  await lookUp(job);
}

/** Takes in a state: the jobs that are shown are asked for again, at most once a second. */
export function refreshJobs(latest) {
  state = latest;
  if (!text || waits) return;
  waits = true;
  setTimeout(() => {
    waits = false;
    if (text) find(text);
  }, Math.max(0, askedAt + AGAIN_AFTER - performance.now()));
}

async function lookUp(wanted) {
  text = wanted;
  the("job-lives").replaceChildren();
  if (wanted) await find(wanted);
  else tell(the("job-told"), ["Write a phone, such as 16500000000, or the id of a job."], true);
}

async function find(wanted) {
  askedAt = performance.now();
  try {
    const lives = await ask("GET", `/simulation/jobs?text=${encodeURIComponent(wanted)}`);
    if (text !== wanted) return; // Something else was looked up meanwhile.
    tell(the("job-told"), [found(lives.length)], !lives.length);
    show(lives.slice(0, MOST_SHOWN));
  } catch (error) {
    if (text === wanted) tell(the("job-told"), [error.message], true);
  }
}

function found(jobs) {
  if (!jobs) return "No job has this phone or id.";
  if (jobs > MOST_SHOWN) return `${jobs} jobs; the first ${MOST_SHOWN} are shown.`;
  return jobs === 1 ? "1 job." : `${jobs} jobs.`;
}

function show(lives) {
  fill(
    the("job-lives"),
    lives,
    ({ report }) => report.callJobId,
    ({ report }) => made(report),
    update,
  );
}

function made({ callJobId }) {
  const id = `life-${callJobId}`;
  return element(
    "article",
    { class: "life", "aria-labelledby": id },
    element("h4", { id }),
    element("p", { class: "standing" }, element("strong"), " ", element("code")),
    element("p", { class: "about next" }),
    drawn("svg", { class: "strip", role: "img", height: "34" }),
    element(
      "div",
      { class: "scroll", role: "region", tabindex: "0", "aria-label": `Calls of ${callJobId}` },
      element(
        "table",
        {},
        element("caption", {}, "Calls"),
        element("thead", {}, element("tr", {}, ...["Call", "Began", "Result", "Length"].map((name, place) => element("th", { scope: "col", class: place === 1 || place === 2 ? "words" : "" }, name)))),
        element("tbody"),
      ),
    ),
  );
}

function update(article, life) {
  const { report, calls } = life;
  const campaign = state.campaigns.find(({ number }) => number === life.campaign);
  const names = Object.keys(campaign.outcomes);
  const redial = report.redialNumber === null ? "" : `, redial ${report.redialNumber}`;
  const where = state.campaigns.length > 1 ? `, ${campaign.name}` : "";
  say(article.querySelector("h4"), `${report.phone}, job ${report.callJobId}${redial}${where}`);
  say(article.querySelector("strong"), STATUSES[report.jobStatus] ?? report.jobStatus);
  say(article.querySelector("code"), report.jobStatus);
  say(article.querySelector(".next"), nextOf(life, campaign));
  drawStrip(article.querySelector(".strip"), life, names, campaign.zone);
  article.querySelector(".scroll").hidden = !calls.length;
  fill(
    article.querySelector("tbody"),
    calls,
    ({ attemptNumber }) => attemptNumber,
    () => row("", "words", "words", ""),
    (cells, call) => {
      say(cells.children[0], String(call.attemptNumber));
      say(cells.children[1], momentText(call.startedAt, campaign.zone));
      showOutcome(cells.children[2], call.callResult, names);
      say(cells.children[3], call.callDuration === null ? "" : spanText(call.callDuration));
    },
  );
}

/** What comes next, in a sentence or two. */
function nextOf({ report, priority, attempts_left: left, due, next_allowed: allowed }, campaign) {
  const moment = (instant) => momentText(instant, campaign.zone);
  const added = `Added ${moment(report.createdAt)}, priority ${priority}.`;
  if (report.finishedAt !== null) return `${added} Ended ${moment(report.finishedAt)}.`;
  if (due === null) return `${added} ${leftText(left)}`;
  const now = Date.parse(state.clock.instant);
  if (allowed === null) return `${added} Its call policy allows no more call.`;
  const [dueAt, allowedAt] = [Date.parse(due), Date.parse(allowed)];
  if (allowedAt <= now) {
    const until = campaign.status === "paused" ? "for the campaign to be resumed" : "for a free line";
    return `${added} It may be called now, and waits ${until}. ${leftText(left)}`;
  }
  const why = allowedAt > dueAt && dueAt > now ? ` (due ${moment(dueAt)})` : allowedAt > dueAt ? " (it is due, and outside its window)" : "";
  return `${added} It may be called from ${moment(allowedAt)}${why}. ${leftText(left)}`;
}

function leftText(left) {
  return left === 1 ? "1 call is left." : `${left.toLocaleString("en-US")} calls are left.`;
}

/** Draws the life as a strip: from when the job was added to its end or to what comes next, with its calls numbered. */
function drawStrip(strip, { report, calls, due, next_allowed: allowed }, names, zone) {
  const now = Date.parse(state.clock.instant);
  const next = Date.parse(allowed ?? due ?? state.clock.instant);
  const first = report.createdAt;
  const last = Math.max(report.finishedAt ?? Math.max(now, next), first + 1000);
  const width = strip.clientWidth || 300;
  const x = (instant) => 8 + (Math.min(Math.max(instant - first, 0), last - first) / (last - first)) * (width - 16);
  const marks = [drawn("path", { class: "grid", d: `M8 22H${width - 8}` })];
  if (report.finishedAt === null) {
    marks.push(drawn("path", { class: "now", d: `M${x(now)} 14V30` }));
    if (next > now) marks.push(drawn("path", { class: "to-come", d: `M${x(next)} 16l6 6l-6 6l-6 -6z` }));
  }
  let free = -Infinity;
  for (const call of calls) {
    const left = x(call.startedAt);
    const length = Math.max(4, x(call.finishedAt ?? now) - left);
    const kind = call.callResult === null ? "running" : colour(names.indexOf(call.callResult));
    marks.push(drawn("rect", { class: kind, x: left, y: 16, width: length, height: 12, rx: 1.5 }));
    const middle = left + length / 2;
    if (middle < free) continue; // Numbers that would cover each other are left to the table.
    marks.push(drawn("text", { x: middle, y: 11, "text-anchor": "middle" }, String(call.attemptNumber)));
    free = middle + 16;
  }
  strip.setAttribute("viewBox", `0 0 ${width} 34`);
  strip.setAttribute("aria-label", `${calls.length} ${calls.length === 1 ? "call" : "calls"} between ${momentText(first, zone)} and ${momentText(last, zone)}`);
  strip.replaceChildren(...marks);
}
