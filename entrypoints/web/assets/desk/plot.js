import { element } from "../shared/elements.js";
import { dayName } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 100;
const WIDTH = 100; // of a day

/**
 * A figure with a bar for each day, the same as a table. `series` are stacked on each other, or `beside` each other;
 * `shown` writes a value, which is a number, or null when there is none.
 */
export function plot({ title, shown, series, beside = false }, days) {
  const values = days.map((day) => series.map(({ value }) => value(day)));
  const tops = values.map((parts) =>
    beside ? Math.max(...parts.map(Number)) : parts.reduce((sum, part) => sum + part, 0),
  );
  const most = Math.max(0, ...tops);
  const range = `from ${dayName(days[0].date)} to ${dayName(days.at(-1).date)}`;
  const summary = `${title} by day, ${range}; at most ${shown(most)} on a day. The table below has the figures.`;
  const box = `0 0 ${days.length * WIDTH} ${HEIGHT}`;
  const svg = drawn("svg", { viewBox: box, preserveAspectRatio: "none", role: "img", "aria-label": summary });
  values.forEach((parts, day) => svg.append(...bars(parts, day, most, beside)));
  const legend = element("p", { class: "legend quiet" }, ...series.flatMap(({ name }, index) => key(name, index)));
  return element(
    "figure",
    { class: "card" },
    element("figcaption", {}, element("h2", {}, title), ...(series.length > 1 ? [legend] : [])),
    element("p", { class: "quiet scale", "aria-hidden": "true" }, most ? shown(most) : "Nothing yet"),
    svg,
    element("p", { class: "quiet line", "aria-hidden": "true" }, ...ends(days)),
    table(title, shown, series, days, values),
  );
}

function bars(parts, day, most, beside) {
  let below = 0;
  return parts.map((part, index) => {
    const height = most ? (Number(part) / most) * HEIGHT : 0;
    const width = (WIDTH * 0.8) / (beside ? parts.length : 1);
    const x = day * WIDTH + WIDTH * 0.1 + (beside ? index * width : 0);
    const y = HEIGHT - height - below;
    if (!beside) below += height;
    return drawn("rect", { x, y, width, height, class: `series-${index}` });
  });
}

function key(name, index) {
  return [element("span", { class: `key series-${index}`, "aria-hidden": "true" }), element("span", {}, name)];
}

function ends(days) {
  const names = days.length > 1 ? [days[0], days.at(-1)] : [days[0]];
  return names.map(({ date }) => element("span", {}, dayName(date)));
}

function table(title, shown, series, days, values) {
  const head = ["Day", ...series.map(({ name }) => name)].map((name) => element("th", { scope: "col" }, name));
  const rows = days.map(({ date }, day) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, dayName(date)),
      ...values[day].map((part) => element("td", {}, part === null ? "–" : shown(part))),
    ),
  );
  return element(
    "details",
    {},
    element("summary", {}, "As a table"),
    element(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": `${title} as a table` },
      element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows)),
    ),
  );
}

function drawn(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
