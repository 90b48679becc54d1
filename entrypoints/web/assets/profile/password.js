import { element } from "../shared/elements.js";
import { Form } from "../shared/form.js";

/** Another password, or the first one of somebody who has come without. */
export class Password {
  constructor(api, { user }, sessions) {
    const form = new Form({
      title: "Password",
      anew: true,
      fields: [
        {
          pointer: "/current",
          label: "Present password",
          hint: "Empty if you have none yet.",
          attributes: { type: "password", autocomplete: "current-password" },
        },
        {
          pointer: "/new",
          label: "New password",
          hint: "10 characters or more. You are signed out everywhere else.",
          attributes: { type: "password", autocomplete: "new-password" },
        },
      ],
      saveText: "Change the password",
      done: "Your password is changed.",
      save: async () => {
        const { current, new: wished } = form.values;
        await api.post("/auth/password/change", { current: current || null, new: wished });
        form.empty();
        await sessions.load();
      },
    });
    // Password managers learn from it whose password this is.
    const name = { type: "text", autocomplete: "username", value: user.email ?? "", tabindex: -1, "aria-hidden": "true" };
    form.node.prepend(element("input", { ...name, class: "visually-hidden", readonly: true }));
    this.node = form.node;
  }
}
