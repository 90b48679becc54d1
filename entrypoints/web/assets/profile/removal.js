import { shown } from "../shared/dialogs.js";
import { button, element } from "../shared/elements.js";
import { Form } from "../shared/form.js";

/** The end of an account. */
export class Removal {
  constructor(api, me, leave) {
    Object.assign(this, { api, me, leave });
    this.node = element(
      "section",
      { class: "card stack", "aria-labelledby": "removal" },
      element("h2", { id: "removal" }, "Delete your account"),
      element(
        "p",
        { class: "quiet" },
        "What is known of you is erased, your own workspace with it. In workspaces that you share, what you wrote stays, without your name. A workspace that you alone own has to get another owner first.",
      ),
      button("Delete your account…", () => this.#ask(), { class: "danger" }),
    );
  }

  #ask() {
    const { email, name } = this.me.user;
    const form = new Form({
      anew: true,
      fields: [
        {
          pointer: "/query/confirm",
          label: `To go on, write ${email ?? name}`,
          attributes: { autocomplete: "off", autocapitalize: "none", spellcheck: "false" },
        },
      ],
      saveText: "Delete for good",
      done: "",
      save: async () => {
        const { confirm } = form.values.query;
        await this.api.remove(`/users/me?confirm=${encodeURIComponent(confirm)}`);
        dialog.close();
        this.leave("Your account is deleted.");
      },
      more: [button("Cancel", () => dialog.close())],
    });
    form.submit.className = "danger";
    const dialog = shown("Delete your account?", element("p", {}, "This cannot be undone."), form.node);
    form.fields[0].control.focus();
  }
}
