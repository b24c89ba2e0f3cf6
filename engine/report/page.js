"use strict";
(() => {
  const { charts, dark } = JSON.parse(document.getElementById("pictures").textContent);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const touch = matchMedia("(pointer: coarse)");
  const PRINTED_WIDTH = 660;

  // A copy of a chart in which every colour is that of the dark page; words are left as they are.
  function recoloured(value, key = "") {
    if (typeof value === "string") return /color/.test(key) && Object.hasOwn(dark, value) ? dark[value] : value;
    if (Array.isArray(value)) return value.map((item) => recoloured(item, key));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, recoloured(item, name)]));
  }

  function draw(printed = false) {
    charts.forEach((chart, place) => {
      const { data, layout } = scheme.matches && !printed ? recoloured(chart) : structuredClone(chart);
      const element = document.getElementById(`chart-${place}`);
      for (const trace of data) trace.x ??= chart.x;
      layout.dragmode = touch.matches ? false : "zoom";
      if (printed) layout.width = PRINTED_WIDTH;
      else layout.autosize = true;
      const zoomed = element.layout?.xaxis;
      if (zoomed && zoomed.autorange === false && !layout.xaxis.range) layout.xaxis.range = zoomed.range;
      Plotly.react(element, data, layout, { responsive: true, displayModeBar: false, doubleClick: "reset" });
    });
  }

  let opened = [];
  function prepare() {
    opened = [...document.querySelectorAll("details:not([open])")].filter((each) => !each.querySelector(".long"));
    for (const each of opened) each.open = true;
    draw(true);
  }
  function restore() {
    for (const each of opened) each.open = false;
    draw();
  }

  // Which parts of a table lie outside its box: its edge fades there, and words above it say so.
  function told(box) {
    const ways = [];
    if (box.scrollHeight > box.clientHeight + 1) ways.push("down");
    if (box.scrollWidth > box.clientWidth + 1) ways.push("sideways");
    box.classList.toggle("more-right", box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
    box.classList.toggle("more-below", box.scrollTop + box.clientHeight < box.scrollHeight - 1);
    const hint = box.previousElementSibling;
    hint.hidden = !ways.length;
    hint.querySelector(".ways").textContent = ways.join(" and ");
  }
  const sizes = new ResizeObserver((boxes) => boxes.forEach(({ target }) => told(target)));
  for (const box of document.querySelectorAll(".scroll")) {
    sizes.observe(box);
    box.addEventListener("scroll", () => told(box), { passive: true });
  }

  draw();
  scheme.addEventListener("change", () => draw());
  addEventListener("beforeprint", prepare);
  addEventListener("afterprint", restore);
})();
