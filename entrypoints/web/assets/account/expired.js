import { element } from "../shared/elements.js";
import { showNarrow } from "../shared/narrow_page.js";

/** Says that a link opens nothing, and how to get one that does. */
export function showExpired(text, ...ways) {
  showNarrow("This link does not work any more", element("p", {}, text), ...ways);
}

/** Says that this page is nothing without the link from a letter, as after it was loaded anew. */
export function showNoLink(...ways) {
  showNarrow(
    "Open the link in the letter",
    element("p", {}, "This page needs the link from the letter that you got. Open it once more."),
    ...ways,
    way("/sign-in", "Sign in"),
  );
}

/** A link as a way on. */
export function way(href, text) {
  return element("p", {}, element("a", { href }, text));
}
