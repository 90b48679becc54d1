import { announce } from "./announcer.js";
import { button, byId, element } from "./elements.js";

/** Says what went wrong, until it is dismissed or something else is to be said. */
export function tell(text) {
  const notice = byId("notice");
  notice.className = "notice bad";
  notice.replaceChildren(element("span", {}, text), button("Dismiss", hush, { class: "plain" }));
  notice.hidden = false;
  announce(text);
}

/** Takes away what was told. */
export function hush() {
  const notice = byId("notice");
  if (notice.contains(document.activeElement)) byId("main").focus();
  notice.hidden = true;
}
