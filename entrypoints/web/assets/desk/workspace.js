const MANAGERS = new Set(["owner", "admin"]);

/** The workspace as it was last seen here; `role` is what the member is in it, null when that is not known. */
export class Workspace {
  #watchers = [];

  constructor(api, view, role) {
    Object.assign(this, { api, view, role });
  }

  /** The member's personal workspace, which is made if it is missing. Throws a Problem. */
  static async own(api) {
    return new Workspace(api, await api.get("/workspaces/me"), "owner");
  }

  /** Whether the member looks after members and keys. */
  get managed() {
    return MANAGERS.has(this.role);
  }

  /** Whether the member may change what somebody of this role is. */
  manages(role) {
    return this.role === "owner" || (this.managed && role !== "owner");
  }

  path(rest = "") {
    return `/workspaces/${this.view.id}${rest}`;
  }

  /** Calls `watcher(view)` whenever another version is seen. */
  watch(watcher) {
    this.#watchers.push(watcher);
  }

  async edit(changes) {
    return this.#seen(await this.api.patch(this.path(), changes, this.view.version));
  }

  async refresh() {
    return this.#seen(await this.api.get(this.path()));
  }

  #seen(view) {
    const changed = view.version !== this.view.version;
    this.view = view;
    if (changed) for (const watcher of this.#watchers) watcher(view);
    return view;
  }
}
