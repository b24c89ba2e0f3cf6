/** One campaign: its figures, backlog, outcomes and last calls; and the list of all of them. */

import { bar, colour, element, fill, lengthen, row, say, swatch, the, visible } from "./elements.js";
import { hourText, momentText, spanText, zoneText } from "./times.js";

const STATUSES = { planned: "Planned", inProcess: "In process", paused: "Paused", finished: "Finished", deleted: "Deleted" };
const PRIORITIES = [1, 2, 3, 4, 5];

const count = (number) => number.toLocaleString("en-US");
const share = (part, whole) => (whole ? `${((part / whole) * 100).toFixed(1)} %` : "–");
const sum = (counts) => Object.values(counts).reduce((total, each) => total + each, 0);

/** The address of a campaign on this page. */
export const addressOf = ({ number }) => `#campaign-${number}`;

/** Lists the campaigns, to choose one; a single one needs no list. */
export function showList(campaigns, chosen) {
  the("campaigns").hidden = campaigns.length < 2;
  fill(
    the("campaigns").firstElementChild,
    campaigns,
    ({ number }) => number,
    (campaign) => element("li", {}, element("a", { href: addressOf(campaign) }, element("strong"), element("span"), element("span"))),
    (item, campaign) => {
      const link = item.firstElementChild;
      if (campaign === chosen) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      say(link.children[0], campaign.name);
      say(link.children[1], `${STATUSES[campaign.status]}, ${count(campaign.lines_in_use)} of ${count(campaign.lines)} lines`);
      say(link.children[2], `${count(campaign.reached)} of ${count(campaign.jobs)} reached`);
    },
  );
}

/** Shows a campaign as it is at present. */
export function showCampaign(campaign, onJob) {
  const { zone } = campaign;
  const [start, finish] = [campaign.start, campaign.finish].map((each) => momentText(Date.parse(each), zone, true));
  say(the("campaign-name"), campaign.name);
  say(the("campaign-about"), `${start} to ${finish} (${zoneText(zone)}), token ${campaign.token}`);
  document.title = `${visible(campaign.name)} – dialer`;
  showFigures(campaign);
  showBacklog(campaign);
  showOutcomes(campaign);
  showLastCalls(campaign, onJob);
}

function showFigures(campaign) {
  const { status, lines, lines_in_use: inUse, jobs, coming, waiting, eligible, begun, ended, reached } = campaign;
  const waits = waiting.reduce((total, each) => total + each, 0);
  const now = eligible.reduce((total, each) => total + each, 0);
  const figures = {
    status: [STATUSES[status], coming ? `${count(coming)} numbers still to come` : `${count(sum(ended))} jobs done`],
    "lines-in-use": [`${count(inUse)}`, `of ${count(lines)}`],
    jobs: [count(jobs), `${count(waits)} wait, ${count(now)} eligible`],
    calls: [count(begun), begun ? `${(begun / jobs).toFixed(2)} a job` : "none yet"],
    reached: [count(reached), jobs ? `${share(reached, jobs)} of the jobs` : "none yet"],
  };
  for (const [name, [figure, note]] of Object.entries(figures)) {
    say(the(name), figure);
    say(the(name === "lines-in-use" ? "lines-note" : `${name}-note`), note);
  }
}

function showBacklog({ waiting, eligible }) {
  const most = Math.max(1, ...waiting);
  fill(
    the("backlog"),
    PRIORITIES,
    (priority) => priority,
    () => {
      const made = row("", "", "", "bars");
      made.lastElementChild.append(bar("waiting", "eligible"));
      return made;
    },
    (cells, priority) => {
      const [waits, now] = [waiting[priority - 1], eligible[priority - 1]];
      say(cells.children[0], String(priority));
      say(cells.children[1], count(waits));
      say(cells.children[2], count(now));
      lengthen(cells.querySelector(".bar"), waits / most, now / most);
    },
  );
}

function showOutcomes({ outcomes, ended, begun }) {
  const names = Object.keys(outcomes);
  const total = sum(outcomes);
  const most = Math.max(1, ...Object.values(outcomes));
  say(the("outcomes-about"), `${count(total)} calls have ended, ${count(begun - total)} go on.`);
  fill(
    the("outcomes"),
    names,
    (name) => `${names.indexOf(name)} ${name}`,
    (name) => {
      const place = names.indexOf(name);
      const made = row("words", "", "", "bars");
      made.firstElementChild.append(swatch(place), visible(name));
      made.lastElementChild.append(bar(colour(place)));
      return made;
    },
    (cells, name) => {
      say(cells.children[1], count(outcomes[name]));
      say(cells.children[2], share(outcomes[name], total));
      lengthen(cells.querySelector(".bar"), outcomes[name] / most);
    },
  );
  const endings = Object.entries(ended).filter(([, jobs]) => jobs);
  const words = endings.map(([name, jobs]) => `${count(jobs)} ${name}`).join(", ");
  say(the("endings"), words ? `Jobs that have ended: ${words}.` : "No job has ended yet.");
}

/** Shows the last calls. The list holds still while someone points at it or moves through it, so that it can be read. */
function showLastCalls({ last_calls: calls, outcomes, zone }, onJob) {
  const list = the("last-calls");
  const held = list.matches(":focus-within") || (matchMedia("(hover: hover)").matches && list.matches(":hover"));
  if (held) return say(the("last-about"), "Held while you are in this list.");
  say(the("last-about"), calls.length ? "The latest first." : "No call has begun yet.");
  const names = Object.keys(outcomes);
  return fill(
    list,
    calls,
    ({ job, attempt }) => `${job} ${attempt}`,
    (call) => {
      const made = row("", "words", "words", "words", "", "");
      const button = element("button", { type: "button", class: "plain", title: "Look this job up" }, call.job);
      button.addEventListener("click", () => onJob(call.job));
      made.children[3].append(button);
      return made;
    },
    (cells, call) => {
      say(cells.children[0], hourText(Date.parse(call.begun), zone));
      cells.children[0].title = momentText(Date.parse(call.begun), zone);
      showOutcome(cells.children[1], call.outcome, names);
      say(cells.children[2], call.phone);
      say(cells.children[4], String(call.attempt));
      say(cells.children[5], call.seconds === null ? "" : spanText(call.seconds));
    },
  );
}

/** Lets a cell say an outcome with its colour; a call without one goes on. */
export function showOutcome(cell, outcome, names) {
  const words = visible(outcome ?? "in the call");
  if (cell.textContent === words) return;
  cell.classList.toggle("running", outcome === null);
  cell.replaceChildren(...(outcome === null ? [] : [swatch(names.indexOf(outcome))]), words);
}
