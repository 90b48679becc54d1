import { byId, element } from "./elements.js";

const HEARD = 10_000; // milliseconds

/** Has screen readers say a text once, when they have said what they are at. */
export function announce(text) {
  const said = element("p", {}, text);
  byId("announcer").append(said);
  setTimeout(() => said.remove(), HEARD); // or whoever walks through the page would meet it again
}
