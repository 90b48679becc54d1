import { announce } from "../shared/announcer.js";
import { confirmed } from "../shared/dialogs.js";
import { button, element } from "../shared/elements.js";
import { tell } from "../shared/notices.js";
import { row, rowButton, showRows } from "../shared/rows.js";
import { explained, timeOf } from "../shared/words.js";
import { clientName } from "./client_name.js";

/** Where somebody is signed in. */
export class Sessions {
  #list = element("ul", { class: "rows", role: "list", hidden: true });
  #none = element("p", { class: "quiet", hidden: true }, "You are signed in with a key, and nowhere with a password.");

  constructor(api, leave) {
    Object.assign(this, { api, leave });
    this.node = element(
      "section",
      { class: "card stack", "aria-labelledby": "sessions" },
      element("h2", { id: "sessions" }, "Where you are signed in"),
      this.#list,
      this.#none,
      button("Sign out everywhere", () => this.#endAll()),
    );
  }

  async load() {
    const sessions = await this.api.all("/auth/sessions").catch((problem) => this.#failed(problem));
    if (!sessions) return;
    showRows(
      this.#list,
      sessions.map((session) => this.#row(session)),
    );
    this.#none.hidden = sessions.length > 0;
  }

  #row({ id, client, created_at: since, last_used_at: used, current }) {
    const name = clientName(client);
    const facts = [`since ${timeOf(new Date(since))}`, !current && used && `used ${timeOf(new Date(used))}`];
    const end = rowButton("Sign out there", name, () => this.#end(id));
    return row({ id, name, badges: current ? ["Here"] : [], facts, buttons: current ? [] : [end] });
  }

  async #end(id) {
    try {
      await this.api.remove(`/auth/sessions/${id}`);
      announce("Signed out there.");
    } catch (problem) {
      this.#failed(problem);
    }
    await this.load();
  }

  async #endAll() {
    const text = "You have to sign in again, here and on all your devices. Keys go on working.";
    if (!(await confirmed("Sign out everywhere?", text, "Sign out"))) return;
    try {
      await this.api.post("/auth/logout-all");
      this.leave("You are signed out everywhere.");
    } catch (problem) {
      this.#failed(problem);
    }
  }

  /** Who signs in elsewhere has no sessions here. */
  #failed(problem) {
    if (problem.code === "local_sign_in_off") this.node.hidden = true;
    else tell(explained(problem));
  }
}
