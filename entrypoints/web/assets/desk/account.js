import { Kept } from "../shared/kept.js";

const NAME = "flightdeck.desk";

/** The token of who is signed in: kept for this tab, or for this device when that was asked for. */
export class Account {
  #tab = new Kept("sessionStorage", NAME);
  #device = new Kept("localStorage", NAME);

  get token() {
    return this.#tab.read() ?? this.#device.read();
  }

  keep(token, onDevice) {
    (onDevice ? this.#device : this.#tab).write(token);
  }

  forget() {
    this.#tab.write(null);
    this.#device.write(null);
  }
}
