/** The dashboard: each state that the server sends is shown whole. */

import { addressOf, showCampaign, showList } from "./campaign.js";
import { showClock, startClock } from "./clock.js";
import { say, the } from "./elements.js";
import { refreshJobs, showJob, startJobs } from "./jobs.js";
import { LinesSeen } from "./lines.js";
import { follow } from "./server.js";

const linesOf = new Map();
let state = null;

/** The campaign that the address names; the first one otherwise. */
function chosen() {
  return state.campaigns.find((campaign) => addressOf(campaign) === location.hash) ?? state.campaigns[0];
}

function see(latest) {
  const { instant, speed } = latest.clock;
  for (const { number, lines_in_use: inUse, lines } of latest.campaigns) {
    if (!linesOf.has(number)) linesOf.set(number, new LinesSeen());
    linesOf.get(number).look(Date.parse(instant), inUse, lines, speed, performance.now());
  }
  state = latest;
  the("main").hidden = false;
  show();
  refreshJobs(state);
}

function show() {
  const campaign = chosen();
  showClock(state.clock, campaign.zone);
  showList(state.campaigns, campaign);
  showCampaign(campaign, showJob);
  linesOf.get(campaign.number).draw(the("lines"), the("lines-about"), campaign.zone);
}

function connected(isConnected) {
  the("connection").classList.toggle("lost", !isConnected);
  const lost = state ? "The connection to the server is lost. What you see is from before; the page tries to connect again." : "The server does not answer. The page tries to connect again.";
  say(the("connection"), isConnected ? "Live" : lost);
}

startClock();
startJobs();
addEventListener("hashchange", () => state && show());
new ResizeObserver(() => state && show()).observe(the("lines"));
follow(see, connected);
