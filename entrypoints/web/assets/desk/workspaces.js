import { byId, element } from "../shared/elements.js";
import { Workspace } from "./workspace.js";

const CONVERSATION = /^#\/conversations\/([^/]+)/;

/** The workspaces that a token opens, and the choice among them. */
export class Workspaces {
  constructor(api, joined) {
    Object.assign(this, { api, joined });
  }

  /** Throws a Problem. */
  static async of(api) {
    return new Workspaces(api, await api.all("/workspaces"));
  }

  /** The workspace of the conversation in this address, else the one that was worked in last, else one's own. */
  async first(last, hash) {
    const joined = (id) => this.joined.find((each) => each.id === id);
    const id = (await this.#ofConversation(hash)) ?? last;
    const own = this.joined.find(({ personal, role }) => personal && role === "owner");
    const chosen = joined(id) ?? own ?? this.joined[0];
    return chosen ? this.open(chosen.id) : Workspace.own(this.api);
  }

  /** Throws a Problem. */
  async open(id) {
    const view = await this.api.get(`/workspaces/${id}`);
    return new Workspace(this.api, view, this.#role(id));
  }

  /** The id of the workspace that the conversation in this address is of, if it is another one that can be opened. */
  async elsewhere(hash, here) {
    const id = await this.#ofConversation(hash);
    return id && id !== here && this.#role(id) ? id : null;
  }

  /** Shows the choice, if there is one. */
  list() {
    const options = this.joined.map(({ id, name }) => element("option", { value: id }, name));
    byId("workspaces").replaceChildren(...options);
    byId("workspaces").hidden = options.length < 2;
    byId("business").hidden = options.length > 1;
  }

  select(id) {
    byId("workspaces").value = id;
  }

  #role(id) {
    return this.joined.find((each) => each.id === id)?.role ?? null;
  }

  async #ofConversation(hash) {
    const [, id] = CONVERSATION.exec(hash) ?? [];
    if (!id || this.joined.length < 2) return null;
    const view = await this.api.get(`/conversations/${encodeURIComponent(id)}`).catch(() => null);
    return view?.workspace_id ?? null;
  }
}
