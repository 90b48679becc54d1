import { byId } from "../shared/elements.js";

/** On another page, in the frame that `embed.js` has made: it can be closed from within, and is told to take the focus. */
export function joinFrame(composer) {
  if (window.parent === window) return;
  // Not a secret, and the page around may be any.
  const close = () => window.parent.postMessage({ flightdeck: "close" }, "*");
  byId("close").hidden = false;
  byId("close").addEventListener("click", close);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing && !document.querySelector("dialog[open]")) close();
  });
  window.addEventListener("message", (event) => {
    if (event.source === window.parent && event.data?.flightdeck === "focus") composer.focus();
  });
}
