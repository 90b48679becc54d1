import { Problem, ask, request } from "./api.js";
import { element } from "./elements.js";
import { Follower } from "./follower.js";

const LONG = 70_000; // milliseconds: a model may take its time
const PAGE = 100;

/** The API as a member asks it; `refused()` is called when the token is not taken (any more). All throw Problems. */
export class Api {
  constructor({ token, refused }) {
    this.token = token;
    this.refused = refused;
  }

  get(path) {
    return this.#ask("GET", path);
  }

  /** Does it once, however often it is tried with the same `key`. */
  post(path, body, key = crypto.randomUUID()) {
    return this.#ask("POST", path, { body, key });
  }

  put(path, body) {
    return this.#ask("PUT", path, { body });
  }

  /** Changes what is still of this version; a Problem of status 412 when it is not. */
  patch(path, body, version) {
    return this.#ask("PATCH", path, { body, headers: { "If-Match": `"${version}"` } });
  }

  /** Changes it, whatever its version. */
  merge(path, body) {
    return this.#ask("PATCH", path, { body });
  }

  remove(path, body) {
    return this.#ask("DELETE", path, { body });
  }

  /** Asks a model, which takes longer than all else. */
  async consult(path, body) {
    const answer = await this.#watched(
      request("POST", path, { token: this.token, body, signal: AbortSignal.timeout(LONG) }),
    );
    return answer.json();
  }

  /** All items of a list. */
  async all(path) {
    const items = [];
    for (let cursor = ""; ;) {
      const page = await this.get(`${path}?limit=${PAGE}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      items.push(...page.items);
      // Messages have a cursor behind the last one, too.
      if (!page.next_cursor || page.items.length < PAGE) return items;
      cursor = page.next_cursor;
    }
  }

  /** Has the browser save an answer as the file `name`: a link could not carry the token. */
  async save(path, name) {
    const answer = await this.#watched(request("GET", path, { token: this.token }));
    const address = URL.createObjectURL(await answer.blob());
    element("a", { href: address, download: name }).click();
    URL.revokeObjectURL(address);
  }

  follower(path, { gone, ...handlers }) {
    const ended = (problem) => (problem.status === 401 ? this.refused() : gone(problem));
    return new Follower({ path, token: this.token, lastEventId: null, ...handlers, gone: ended });
  }

  #ask(method, path, options) {
    return this.#watched(ask(method, path, { ...options, token: this.token }));
  }

  async #watched(asking) {
    try {
      return await asking;
    } catch (problem) {
      if (problem instanceof Problem && problem.status === 401) this.refused();
      throw problem;
    }
  }
}
