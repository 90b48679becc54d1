import { confirmed, shown } from "../shared/dialogs.js";
import { button, element } from "../shared/elements.js";
import { Form } from "../shared/form.js";
import { hush, tell } from "../shared/notices.js";
import { row, rowButton, showRows } from "../shared/rows.js";
import { secretNode } from "../shared/secret.js";
import { count, dayOf, explained } from "../shared/words.js";
import { PERMISSIONS } from "./permissions.js";

/** The keys with which programs use this workspace. */
export class KeysView {
  title = "Keys";
  #list = element("ul", { class: "rows", role: "list", hidden: true });
  #none = element("p", { class: "quiet", hidden: true }, "There is no key yet.");

  constructor({ api, workspace }) {
    Object.assign(this, { api, workspace });
    const card = element(
      "section",
      { class: "card stack", "aria-labelledby": "keys" },
      element("h2", { id: "keys" }, "API keys"),
      element("p", { class: "quiet" }, "With a key a program uses the API of this workspace, as far as its maker may."),
      this.#list,
      this.#none,
      button("Make a key", () => this.#make()),
    );
    this.node = element("div", { class: "page middle" }, element("h1", {}, "Keys"), card);
  }

  async open() {
    const keys = await this.api.all(this.workspace.path("/api-keys"));
    showRows(
      this.#list,
      keys.map((key) => this.#row(key)),
    );
    this.#none.hidden = keys.length > 0;
  }

  heard({ type }) {
    if (type.startsWith("key.") && this.node.isConnected) this.open().catch((problem) => tell(explained(problem)));
  }

  #row({ id, name, permissions, user, expires_at: end, last_used_at: used }) {
    const facts = [
      `of ${user.name || "somebody"}`,
      used ? `used ${dayOf(new Date(used))}` : "never used",
      end && `until ${dayOf(new Date(end))}`,
      permissions.length === 1 ? permissions[0] : count(permissions.length, "permission"),
    ];
    return row({ id, name, facts, buttons: [rowButton("Revoke", name, () => this.#revoke(id, name))] });
  }

  #make() {
    const form = new Form({
      anew: true,
      fields: [
        { pointer: "/name", label: "Name", hint: "What it is for." },
        { pointer: "/permissions", label: "What it may do", kind: "choices", options: PERMISSIONS },
        {
          pointer: "/expires_at",
          label: "Until",
          hint: "The end of this day; empty is for ever.",
          attributes: { type: "date" },
        },
      ],
      saveText: "Make",
      done: "",
      save: async () => {
        const { name, permissions, expires_at: day } = form.values;
        const end = day ? new Date(`${day}T23:59:59`).toISOString() : null;
        const issued = await this.api.post(this.workspace.path("/api-keys"), { name, permissions, expires_at: end });
        dialog.close();
        await this.open();
        this.#show(issued);
      },
      more: [button("Cancel", () => dialog.close())],
    });
    form.rebase({ name: "", permissions: [], expires_at: "" });
    const dialog = shown("A new key", form.node);
    dialog.classList.add("wide");
    form.fields[0].control.focus();
  }

  #show({ token, key: { name } }) {
    const dialog = shown(
      `The key ${name}`,
      element("p", {}, "Copy it now and keep it safe: it is shown this once."),
      element(
        "div",
        { class: "stack" },
        secretNode("The key", token),
        button("I have it", () => dialog.close(), { class: "main" }),
      ),
    );
  }

  async #revoke(id, name) {
    const text = "Whatever uses it is shut out at once. This cannot be undone.";
    if (!(await confirmed(`Revoke ${name}?`, text, "Revoke"))) return;
    hush();
    await this.api.remove(`/api-keys/${id}`).catch((problem) => tell(explained(problem)));
    await this.open().catch((problem) => tell(explained(problem)));
  }
}
