/** Who is signed in, and how they want to be treated; both are of one version, which edits are made of. */
export class Me {
  #watchers = [];

  constructor(api, user, preferences) {
    Object.assign(this, { api, user, preferences, version: user.version });
  }

  /** Throws a Problem. */
  static async of(api) {
    const [user, preferences] = await Promise.all([api.get("/users/me"), api.get("/users/me/preferences")]);
    return new Me(api, user, preferences);
  }

  /** Calls `watcher(user)` whenever the user is seen anew. */
  watch(watcher) {
    this.#watchers.push(watcher);
  }

  async edit(changes) {
    return this.seen(await this.api.patch("/users/me", changes, this.version));
  }

  async refresh() {
    return this.seen(await this.api.get("/users/me"));
  }

  async prefer(changes) {
    return this.#preferred(await this.api.patch("/users/me/preferences", changes, this.version));
  }

  async refreshPreferences() {
    return this.#preferred(await this.api.get("/users/me/preferences"));
  }

  seen(user) {
    this.user = user;
    this.version = user.version;
    for (const watcher of this.#watchers) watcher(user);
    return user;
  }

  #preferred(preferences) {
    this.preferences = preferences;
    this.version = preferences.version;
    return preferences;
  }
}
