/** Elements of the page. What comes from the server goes in as text and never as HTML: names and payloads are hostile. */

const SVG = "http://www.w3.org/2000/svg";

/** A text in which each character that cannot be seen is an escape: controls, ends of lines, marks that turn text. */
export function visible(text) {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0);
    return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
  });
}

/** The element of the page with this id. */
export function the(id) {
  return document.getElementById(id);
}

function made(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.map((child) => (typeof child === "string" ? visible(child) : child)));
  return node;
}

/** A new element with its attributes; children are elements, or texts. */
export function element(name, attributes = {}, ...children) {
  return made(document.createElement(name), attributes, children);
}

/** A new element of a picture. */
export function drawn(name, attributes = {}, ...children) {
  return made(document.createElementNS(SVG, name), attributes, children);
}

/** Lets an element say a text; one that says it already is left alone, for screen readers and selections. */
export function say(node, text) {
  const shown = visible(text);
  if (node.textContent !== shown) node.textContent = shown;
}

/** Lets an element hold one child for each item. A child whose key stays is kept, and with it the focus. */
export function fill(parent, items, keyOf, make, update) {
  const keys = new Set(items.map((item) => String(keyOf(item))));
  const here = new Map();
  for (const child of [...parent.children]) {
    if (keys.has(child.dataset.key)) here.set(child.dataset.key, child);
    else child.remove();
  }
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    const child = here.get(key) ?? make(item);
    child.dataset.key = key;
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
    update(child, item);
  }
}

/** A new row of a table: a header, then a cell for each of the other class names. */
export function row(header, ...cells) {
  const made = cells.map((name) => element("td", name ? { class: name } : {}));
  return element("tr", {}, element("th", { scope: "row", class: header }), ...made);
}

/** A coloured square for an outcome, by its place in the scenario; its name stands beside it. */
export function swatch(place) {
  return element("span", { class: `swatch ${colour(place)}`, "aria-hidden": "true" });
}

/** The class that gives an outcome its colour: the first eight of a scenario have their own. */
export function colour(place) {
  return place >= 0 && place < 8 ? `colour-${place}` : "colour-rest";
}

/** A new bar that shows a share, beside the figure that says it. */
export function bar(...classes) {
  return element("div", { class: "bar", "aria-hidden": "true" }, ...classes.map((name) => element("span", { class: name })));
}

/** Gives the parts of a bar their lengths: shares from 0 to 1, each from the left. */
export function lengthen(node, ...shares) {
  shares.forEach((share, place) => node.children[place].style.setProperty("width", `${share * 100}%`));
}

/** Lets an element say what a command came to: lines of text, as an error or not. */
export function tell(node, lines, isError = false) {
  node.classList.toggle("error", isError);
  const told = [...node.children].map((line) => line.textContent);
  if (told.join("\n") === lines.map(visible).join("\n")) return;
  node.replaceChildren(...lines.map((line) => element("p", {}, line)));
}
