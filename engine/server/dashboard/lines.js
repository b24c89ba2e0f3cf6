/** The chart of lines in use, made of what the page has seen since it was opened. */

import { drawn, say } from "./elements.js";
import { hourText, local, markText, momentText } from "./times.js";

const MOST_SEEN = 1200;
const UNWATCHED = 60_000;
const ASLEEP = 5000;
const HEIGHT = 190;
const EDGE = { left: 34, right: 12, top: 10, bottom: 26 };
const MARK_WIDTH = 84;
const MINUTE = 60_000;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080, 43_200].map((minutes) => minutes * MINUTE);

/** What was seen of one campaign: instants with the lines in use and available from then on. */
export class LinesSeen {
  #looks = [];
  #seenAt = 0;

  /** Takes in a look: `seenAt` is the real time in milliseconds, by which a leap of the clock is told from its run. */
  look(instant, inUse, available, speed, seenAt) {
    const last = this.#looks.at(-1);
    if (last && instant < last.instant) this.#looks = [];
    const passed = last ? instant - last.instant : 0;
    const real = seenAt - this.#seenAt;
    this.#seenAt = seenAt;
    const leap = passed > UNWATCHED && (real > ASLEEP || passed > 3 * speed * real + UNWATCHED);
    const [before, now] = this.#looks.slice(-2);
    const same = (one) => one && one.inUse === inUse && one.available === available && !one.leap;
    if (!leap && now && same(now) && same(before)) now.instant = instant;
    else if (passed || !this.#looks.length) this.#looks.push({ instant, inUse, available, leap });
    else Object.assign(this.#looks.at(-1), { inUse, available });
    if (this.#looks.length > MOST_SEEN) this.#thin();
  }

  /** Forgets every second look. */
  #thin() {
    this.#looks = this.#looks.filter((one, place, looks) => {
      if (place % 2 && one.leap && looks[place + 1]) looks[place + 1].leap = true;
      return !(place % 2);
    });
  }

  /** Draws the chart at the width that it has now, with a sentence that says the same. */
  draw(picture, about, zone) {
    const looks = this.#looks;
    const width = picture.clientWidth;
    if (!looks.length || !width) return;
    const first = looks[0].instant;
    const last = Math.max(looks.at(-1).instant, first + MINUTE);
    const most = looks.reduce((high, one) => Math.max(high, one.inUse), 0);
    const top = countStep(Math.max(1, ...looks.map((one) => Math.max(one.inUse, one.available))));
    const x = (instant) => EDGE.left + ((instant - first) / (last - first)) * (width - EDGE.left - EDGE.right);
    const y = (count) => HEIGHT - EDGE.bottom - (count / top.high) * (HEIGHT - EDGE.top - EDGE.bottom);
    picture.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    picture.replaceChildren(
      ...countAxis(top, width, y),
      ...timeAxis(first, last, width, x, zone),
      drawn("path", { class: "area", d: areaOf(looks, x, y) }),
      drawn("path", { class: "unwatched", d: pathOf(looks, x, y, (one) => one.inUse, true) }),
      drawn("path", { class: "available", d: pathOf(looks, x, y, (one) => one.available, false) }),
      drawn("path", { class: "in-use", d: pathOf(looks, x, y, (one) => one.inUse, false) }),
    );
    const now = looks.at(-1);
    say(about, `${now.inUse} of ${now.available} now, at most ${most} since ${momentText(first, zone, true)}, as far as this page watched.`);
  }
}

/** The highest mark of a count axis and the step between marks: at most four steps. */
function countStep(most) {
  let step = 1;
  for (let power = 1; step * 4 < most; power *= 10) {
    step = [2, 5, 10].map((each) => each * power).find((each) => each * 4 >= most) ?? 10 * power;
  }
  return { step, high: Math.ceil(most / step) * step };
}

function countAxis({ step, high }, width, y) {
  const marks = [];
  for (let count = 0; count <= high; count += step) {
    marks.push(drawn("path", { class: "grid", d: `M${EDGE.left} ${y(count)}H${width - EDGE.right}` }));
    marks.push(drawn("text", { x: EDGE.left - 6, y: y(count) + 4, "text-anchor": "end" }, count.toLocaleString("en-US")));
  }
  return marks;
}

function timeAxis(first, last, width, x, zone) {
  const room = Math.max(1, (width - EDGE.left - EDGE.right) / MARK_WIDTH);
  const step = STEPS.find((each) => (last - first) / each <= room) ?? STEPS.at(-1);
  const offset = local(first, zone).getTime() - first;
  const marks = [];
  for (let wall = Math.ceil((first + offset) / step) * step; wall - offset <= last; wall += step) {
    const there = wall - offset;
    const instant = wall - (local(there, zone).getTime() - there); // Clocks may have been changed since the first.
    const at = Math.round(x(instant));
    if (at < EDGE.left || at > width - EDGE.right) continue;
    const words = markText(instant, zone);
    const half = words.length * 3.5;
    const middle = Math.min(Math.max(at, half), width - half);
    marks.push(drawn("path", { class: "grid", d: `M${at} ${HEIGHT - EDGE.bottom}v4` }));
    marks.push(drawn("text", { x: middle, y: HEIGHT - 8, "text-anchor": "middle" }, words));
  }
  if (!marks.length) marks.push(drawn("text", { x: EDGE.left, y: HEIGHT - 8 }, hourText(first, zone)));
  return marks;
}

/** Steps from look to look; with `leaps` only the straight links over what was not watched, otherwise only the rest. */
function pathOf(looks, x, y, countOf, leaps) {
  const parts = [];
  looks.forEach((one, place) => {
    const [right, high] = [x(one.instant).toFixed(1), y(countOf(one)).toFixed(1)];
    if (leaps) {
      const before = looks[place - 1];
      if (one.leap) parts.push(`M${x(before.instant).toFixed(1)} ${y(countOf(before)).toFixed(1)}L${right} ${high}`);
    } else parts.push(!place || one.leap ? `M${right} ${high}h0` : `H${right}V${high}`);
  });
  return parts.join("");
}

function areaOf(looks, x, y) {
  const ground = y(0).toFixed(1);
  const parts = [];
  looks.forEach((one, place) => {
    const [right, high] = [x(one.instant).toFixed(1), y(one.inUse).toFixed(1)];
    if (!place) parts.push(`M${right} ${ground}V${high}`);
    else if (one.leap) parts.push(`V${ground}H${right}V${high}`);
    else parts.push(`H${right}V${high}`);
  });
  return `${parts.join("")}V${ground}Z`;
}
