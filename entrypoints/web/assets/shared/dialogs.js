import { button, element } from "./elements.js";

/** Shows a dialog over the page; it is taken away when it closes, and the focus goes back to where it was. */
export function shown(title, ...children) {
  const heading = element("h2", { id: "dialog-title" }, title);
  const dialog = element(
    "dialog",
    { "aria-labelledby": "dialog-title", close: () => dialog.remove() },
    heading,
    ...children,
  );
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Whether the member agrees to what cannot be undone. */
export function confirmed(title, text, action) {
  return new Promise((resolve) => {
    const agree = () => (resolve(true), dialog.close());
    const buttons = [
      button("Cancel", () => dialog.close(), { autofocus: true }),
      button(action, agree, { class: "danger" }),
    ];
    const dialog = shown(title, element("p", {}, text), element("div", { class: "buttons" }, ...buttons));
    dialog.addEventListener("close", () => resolve(false));
  });
}
