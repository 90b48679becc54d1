import { Problem, request } from "./api.js";
import { serverEvents } from "./server_events.js";
import { backOff, wait } from "./waits.js";

const SILENCE = 45_000; // milliseconds; the server breaks its own silence every 15 s

/**
 * Follows an event stream for ever: when it is cut off it comes again, behind the last event that was taken.
 *
 * `taken({id, name, data})` takes an event, its data parsed; when it throws, the stream is begun anew from
 * `restartId`. `connected(true|false)` tells each change; `gone(problem)` that there is nothing to follow any more.
 */
export class Follower {
  #aborting = new AbortController();
  #tries = 0;
  #connected = null;

  constructor({ path, token, lastEventId, taken, connected, gone }) {
    Object.assign(this, { path, token, lastEventId, taken, connected, gone });
    this.restartId = lastEventId;
  }

  stop() {
    this.#aborting.abort();
  }

  async run() {
    const { signal } = this.#aborting;
    while (!signal.aborted) {
      const problem = await this.#read().catch((error) => error);
      if (signal.aborted) return;
      if (problem instanceof Problem && problem.gone) return this.gone(problem);
      if (problem instanceof RangeError || problem instanceof SyntaxError) this.lastEventId = this.restartId;
      this.#tell(false);
      await wait(backOff(this.#tries, problem?.retryAfter), signal);
      this.#tries += 1;
    }
  }

  #tell(connected) {
    if (connected === this.#connected) return;
    this.#connected = connected;
    this.connected(connected);
  }

  async #read() {
    const connection = new AbortController();
    const end = () => connection.abort();
    this.#aborting.signal.addEventListener("abort", end);
    let watch = setTimeout(end, SILENCE);
    const heard = () => {
      clearTimeout(watch);
      watch = setTimeout(end, SILENCE);
      this.#tries = 0;
      this.#tell(true);
    };
    try {
      const headers = this.lastEventId ? { "Last-Event-ID": this.lastEventId } : {};
      const answer = await request("GET", this.path, { token: this.token, headers, signal: connection.signal });
      for await (const event of serverEvents(answer.body, heard)) {
        this.taken({ ...event, data: JSON.parse(event.data) });
        this.lastEventId = event.id ?? this.lastEventId;
      }
    } finally {
      clearTimeout(watch);
      this.#aborting.signal.removeEventListener("abort", end);
    }
  }
}
