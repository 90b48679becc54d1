import { button, byId, element } from "./elements.js";

/** Shows these rows, each with a `data-id`; the focus stays at the button that it is at, if its row is still there. */
export function showRows(list, rows) {
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const [id, act] = [focused?.closest("li").dataset.id, focused?.dataset.act];
  list.replaceChildren(...rows);
  list.hidden = !rows.length;
  if (!focused) return;
  const row = [...rows].find((each) => each.dataset.id === id);
  (row?.querySelector(`[data-act="${act}"]`) ?? list.querySelector("button") ?? byId("main")).focus();
}

/** What can be done with the thing of this name, as a button of its row. */
export function rowButton(text, name, click) {
  return button(text, click, { class: "plain", "aria-label": `${text}: ${name}`, "data-act": text });
}

/** A row: what it is, a few facts about it, and what can be done with it. */
export function row({ id, name, badges = [], facts = [], buttons = [] }) {
  const labels = badges.flatMap((text) => [" ", element("span", { class: "badge" }, text)]);
  const told = facts.filter(Boolean).join(" · ");
  return element(
    "li",
    { "data-id": id },
    element("div", {}, element("strong", { dir: "auto" }, name), ...labels, element("p", { class: "quiet", dir: "auto" }, told)),
    element("div", { class: "buttons" }, ...buttons),
  );
}
