import { announce } from "../shared/announcer.js";
import { confirmed, shown } from "../shared/dialogs.js";
import { button, element } from "../shared/elements.js";
import { Form } from "../shared/form.js";
import { hush, tell } from "../shared/notices.js";
import { row, rowButton, showRows } from "../shared/rows.js";
import { dayOf, explained } from "../shared/words.js";
import { Invites } from "./invites.js";
import { roleName, rolesOf } from "./roles.js";

const TOLD = /^(member|invite|workspace)\./;

/** Who belongs to the workspace, and who is invited. */
export class MembersView {
  title = "Members";
  #list = element("ul", { class: "rows", role: "list" });
  #me = null;

  constructor({ api, workspace }) {
    Object.assign(this, { api, workspace });
    this.invites = new Invites(api, workspace);
    const card = element("section", { class: "card stack", "aria-label": "Members" }, this.#list);
    this.node = element(
      "div",
      { class: "page middle" },
      element("h1", {}, "Members"),
      element("div", { class: "stack" }, card, this.invites.node),
    );
  }

  get dirty() {
    return this.invites.dirty;
  }

  async open() {
    this.#me ??= await this.api.get("/users/me").catch(() => null); // a key may say nothing of its user
    await Promise.all([this.#load(), this.invites.load()]);
  }

  heard({ type }) {
    if (TOLD.test(type) && this.node.isConnected) this.open().catch((problem) => tell(explained(problem)));
  }

  async #load() {
    const members = await this.api.all(this.workspace.path("/members"));
    showRows(
      this.#list,
      members.map((member) => this.#row(member)),
    );
  }

  #row(member) {
    const { user_id: id, name, email, role, joined_at: since } = member;
    const mine = id === this.#me?.id;
    const host = mine && role === "owner" && this.workspace.view.personal; // who stays as long as it is there
    const called = name || email || "Somebody";
    const managed = this.workspace.manages(role);
    const buttons = [
      ...(managed && !host ? [rowButton("Change role", called, () => this.#change(member, called, mine))] : []),
      ...(mine && !host ? [rowButton("Leave", this.workspace.view.name, () => this.#leave())] : []),
      ...(managed && !mine ? [rowButton("Remove", called, () => this.#remove(id, called))] : []),
    ];
    const badges = [roleName(role), ...(mine ? ["You"] : [])];
    return row({ id, name: called, badges, facts: [name && email, `since ${dayOf(new Date(since))}`], buttons });
  }

  #change({ user_id: id, role }, called, mine) {
    const form = new Form({
      anew: true,
      fields: [{ pointer: "/role", label: "Role", kind: "select", options: rolesOf(this.workspace.role) }],
      save: async () => {
        await this.api.merge(this.workspace.path(`/members/${id}`), form.values);
        dialog.close();
        // What oneself may do here has changed with it: the desk is built anew.
        if (mine) return location.reload();
        announce(`${called} is ${roleName(form.values.role)} now.`);
        await this.#load();
      },
      more: [button("Cancel", () => dialog.close())],
    });
    form.rebase({ role });
    const dialog = shown(`The role of ${called}`, form.node);
    form.fields[0].control.focus();
  }

  async #remove(id, called) {
    const text = "They see nothing of this workspace any more, at once, and their keys for it stop working.";
    if (!(await confirmed(`Remove ${called}?`, text, "Remove"))) return;
    await this.#tried(() => this.api.remove(this.workspace.path(`/members/${id}`)), `${called} was removed.`);
    await this.#load();
  }

  async #leave() {
    const text = "You see nothing of this workspace any more, until somebody invites you again.";
    if (!(await confirmed(`Leave ${this.workspace.view.name}?`, text, "Leave"))) return;
    if (await this.#tried(() => this.api.post(this.workspace.path("/leave")), "")) location.replace("/desk");
  }

  async #tried(work, done) {
    hush();
    try {
      await work();
      if (done) announce(done);
      return true;
    } catch (problem) {
      tell(explained(problem));
      return false;
    }
  }
}
