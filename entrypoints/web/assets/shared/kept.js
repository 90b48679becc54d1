/**
 * What is kept under a name in `localStorage` or `sessionStorage`, as JSON. Where a browser forbids storage, it is kept
 * as long as the page.
 */
export class Kept {
  #memory = null;

  constructor(storage, name) {
    this.name = name;
    try {
      this.storage = window[storage];
    } catch {
      this.storage = null;
    }
  }

  read() {
    try {
      return JSON.parse(this.storage.getItem(this.name)) ?? this.#memory;
    } catch {
      return this.#memory;
    }
  }

  /** Null removes it. */
  write(value) {
    this.#memory = value;
    try {
      if (value === null) this.storage.removeItem(this.name);
      else this.storage.setItem(this.name, JSON.stringify(value));
    } catch {
      // Forbidden or full: the page goes on without.
    }
  }
}
