import { byId, element } from "./elements.js";

/** Shows a page that is about one thing; a `tabindex` lets its heading be focused where there is nothing to fill in. */
export function showNarrow(title, ...nodes) {
  const heading = element("h1", { tabindex: -1 }, title);
  const content = element("div", { class: "stack" }, ...nodes);
  byId("main").replaceChildren(element("div", { class: "page narrow" }, heading, content));
  document.title = `${title} – Flightdeck`;
  const first = content.querySelector("input:not([readonly], [type=checkbox]), button.main");
  (first ?? heading).focus();
}
