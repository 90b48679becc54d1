import { ask } from "../shared/api.js";

/** The workspace as it was last seen here; `version` is what edits are made of. */
export class Workspace {
  #watchers = [];

  constructor(api, view) {
    this.api = api;
    this.view = view;
  }

  /** The workspace of this token. Throws a Problem. */
  static async of(api) {
    return new Workspace(api, await ask("GET", "/workspaces/me", { token: api.token }));
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
