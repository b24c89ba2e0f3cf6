// A scheduler that speaks the protocol: lines, priorities, retries, dates, numbers that are added later; all zones are UTC.
// With --bug it counts a retry interval from the start of a call.
const bug = process.argv.includes("--bug");
let campaign, numbers, inUse, scheduled;

function schedule(number, due) {
  Object.assign(number, { due, waiting: true, sequence: scheduled++ });
}

function before(one, other) {
  return (
    one.policy.dialerPriority - other.policy.dialerPriority || one.due - other.due || one.sequence - other.sequence
  );
}

function answer({ now, ended, added }) {
  for (const call of ended) {
    const number = numbers.get(call.number);
    const outcome = campaign.outcomes[call.outcome];
    inUse -= 1;
    if (outcome.retry && number.left > 0) {
      const minutes = outcome.retryIntervalInMinutes || number.policy.retryIntervalInMinutes;
      schedule(number, Math.max(now, now - (bug ? call.seconds : 0) + 60 * minutes));
    }
  }
  for (const { number, policy } of added) {
    numbers.set(number, { id: number, policy, left: policy.maxAttempts });
    schedule(numbers.get(number), Math.max(now, policy.startDateTime || 0));
  }
  const waiting = [...numbers.values()].filter(
    (each) => each.waiting && !(each.policy.finishDateTime !== null && now >= each.policy.finishDateTime),
  );
  const due = waiting.filter((each) => each.due <= now).sort(before);
  const called = due.slice(0, Math.max(0, campaign.lines - inUse));
  for (const number of called) {
    number.waiting = false;
    number.left -= 1;
    inUse += 1;
  }
  const later = waiting.filter((each) => each.due > now).map((each) => each.due);
  return { calls: called.map((each) => each.id), next: later.length ? Math.min(...later) : null };
}

require("readline")
  .createInterface({ input: process.stdin })
  .on("line", (line) => {
    const message = JSON.parse(line);
    if (message.type === "campaign") {
      campaign = message;
      numbers = new Map();
      inUse = scheduled = 0;
    } else {
      process.stdout.write(JSON.stringify(answer(message)) + "\n");
    }
  });
