import { confirmed } from "../shared/dialogs.js";
import { element } from "../shared/elements.js";
import { Form } from "../shared/form.js";
import { hush, tell } from "../shared/notices.js";
import { row, rowButton, showRows } from "../shared/rows.js";
import { dayOf, explained } from "../shared/words.js";
import { roleName, rolesOf } from "./roles.js";

/** Who is invited and has not answered yet; those who look after members invite, send again and take back. */
export class Invites {
  #list = element("ul", { class: "rows", role: "list", hidden: true });
  #none = element("p", { class: "quiet", hidden: true }, "Nobody is invited at the moment.");
  #form;

  constructor(api, workspace) {
    Object.assign(this, { api, workspace });
    this.#form = this.#makeForm();
    this.node = element(
      "section",
      { class: "card stack", "aria-labelledby": "invites" },
      element("h2", { id: "invites" }, "Invitations"),
      this.#list,
      this.#none,
      ...(workspace.managed ? [this.#form.node] : []),
    );
  }

  get dirty() {
    return this.#form.values.email !== "";
  }

  async load() {
    const invites = await this.api.all(this.workspace.path("/invites"));
    showRows(
      this.#list,
      invites.map((invite) => this.#row(invite)),
    );
    this.#none.hidden = invites.length > 0;
  }

  #row({ id, email, role, expires_at: end }) {
    const over = new Date(end) < new Date();
    const name = email ?? "Somebody";
    const buttons = [
      rowButton("Send again", name, () => this.#tried(() => this.api.post(`/invites/${id}/resend`), `Sent to ${name}.`)),
      rowButton("Take back", name, () => this.#revoke(id, name)),
    ];
    const until = over ? "its link is over" : `until ${dayOf(new Date(end))}`;
    return row({ id, name, badges: [roleName(role)], facts: [until], buttons: this.workspace.manages(role) ? buttons : [] });
  }

  async #revoke(id, name) {
    const text = "The link that they were sent opens nothing any more.";
    if (!(await confirmed(`Take the invitation of ${name} back?`, text, "Take back"))) return;
    await this.#tried(() => this.api.remove(`/invites/${id}`), "Taken back.");
  }

  async #tried(work, done) {
    hush();
    try {
      await work();
      this.#form.say(done);
    } catch (problem) {
      tell(explained(problem));
    }
    await this.load().catch((problem) => tell(explained(problem)));
  }

  #makeForm() {
    const form = new Form({
      anew: true,
      label: "Invite somebody",
      fields: [
        {
          pointer: "/email",
          label: "E-mail",
          hint: "They get a letter with a link that works for seven days.",
          attributes: { type: "email", autocomplete: "off", spellcheck: "false", autocapitalize: "none" },
        },
        { pointer: "/role", label: "Role", kind: "select", options: rolesOf(this.workspace.role) },
      ],
      saveText: "Invite",
      done: "",
      save: async () => {
        const { email, role } = form.values;
        await this.api.post(this.workspace.path("/invites"), { email, role });
        form.field("/email").value = "";
        form.done = `The letter to ${email} is on its way.`;
        await this.load();
      },
    });
    form.rebase({ email: "", role: "member" });
    return form;
  }
}
