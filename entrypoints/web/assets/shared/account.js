import { Kept } from "./kept.js";
import { forgetTheme } from "./theming.js";

const NAME = "flightdeck.desk";

/**
 * The token of who is signed in: kept for this tab, or for this device when that was asked for. It is in no cookie, so
 * that no other page can have a browser act in somebody's name.
 */
export class Account {
  #tab = new Kept("sessionStorage", NAME);
  #device = new Kept("localStorage", NAME);
  #workspace = new Kept("localStorage", `${NAME}.workspace`);

  get token() {
    return this.#tab.read() ?? this.#device.read();
  }

  keep(token, onDevice = false) {
    this.#tab.write(null);
    (onDevice ? this.#device : this.#tab).write(token);
  }

  /** The id of the workspace that was worked in last; null when that is not known. */
  get workspace() {
    return this.#workspace.read();
  }

  set workspace(id) {
    this.#workspace.write(id);
  }

  forget() {
    for (const kept of [this.#tab, this.#device, this.#workspace]) kept.write(null);
    forgetTheme();
  }
}
