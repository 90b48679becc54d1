import { Kept } from "../shared/kept.js";
import { backOff, wait } from "../shared/waits.js";

const MOST_TRIES = 6;
const LONGEST_PAUSE = 60; // seconds
const KEYS_KEPT = 23 * 60 * 60 * 1_000; // milliseconds, of the day for which the server knows a key

/**
 * Sends messages one after the other, each with idempotency keys of its own: however often it is tried, also after a
 * reload, it is posted once. What waits is kept for this tab.
 */
export class Outbox {
  #kept;
  #last = Promise.resolve();

  constructor(session) {
    this.session = session;
    this.#kept = new Kept("sessionStorage", `flightdeck.outbox.${session.handle}`);
  }

  /** What was not posted before the page was left. */
  left() {
    return this.#entries().filter((entry) => Date.now() - entry.at < KEYS_KEPT);
  }

  add(content) {
    const entry = { content, at: Date.now(), key: newKey(), startKey: newKey() };
    this.#kept.write([...this.#entries(), entry]);
    return entry;
  }

  remove(entry) {
    this.#kept.write(this.#entries().filter(({ key }) => key !== entry.key));
  }

  clear() {
    this.#kept.write(null);
  }

  /** The answer to the post, in the order of the calls; `delayed(problem)` tells of each try in vain. */
  send(entry, delayed) {
    const sent = this.#last.then(() => this.#deliver(entry, delayed));
    this.#last = sent.catch(() => {});
    return sent;
  }

  async #deliver(entry, delayed) {
    for (let tries = 0; ; tries += 1) {
      try {
        if (!this.session.started) await this.session.start(entry.startKey);
        const posted = await this.session.post(entry.content, entry.key);
        this.remove(entry);
        return posted;
      } catch (problem) {
        const hopeless = !problem.passing || tries + 1 >= MOST_TRIES || problem.retryAfter > LONGEST_PAUSE;
        if (hopeless) throw problem;
        delayed(problem);
        await wait(backOff(tries, problem.retryAfter));
      }
    }
  }

  #entries() {
    return this.#kept.read() ?? [];
  }
}

/** `crypto.randomUUID` is there only where the page came over TLS or from this machine. */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
