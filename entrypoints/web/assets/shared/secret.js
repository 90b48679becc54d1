import { button, element } from "./elements.js";

/** Shows what is shown this once, with a button that copies it. */
export function secretNode(label, text) {
  const shown = element("code", {}, text);
  const told = element("span", { class: "quiet", role: "status" });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      told.textContent = "Copied.";
    } catch {
      getSelection().selectAllChildren(shown);
      told.textContent = "Your browser forbids it: it is selected, copy it yourself.";
    }
  };
  return element(
    "div",
    { class: "stack" },
    element("pre", { tabindex: 0, "aria-label": label }, shown),
    element("div", { class: "buttons" }, button("Copy", copy), told),
  );
}
