import { ask } from "../shared/api.js";
import { Follower } from "../shared/follower.js";
import { Kept } from "../shared/kept.js";

const PAGE = 100;

/** A visitor's conversation with a workspace as the API has it; its token stays in this frame's own storage. */
export class Session {
  #kept;
  #value;

  constructor(handle) {
    this.handle = handle;
    this.#kept = new Kept("localStorage", `flightdeck.chat.${handle}`);
    this.#value = this.#kept.read();
  }

  get started() {
    return this.#value !== null;
  }

  workspace() {
    return ask("GET", `/public/workspaces/${encodeURIComponent(this.handle)}`);
  }

  async start(key) {
    const started = await ask("POST", "/public/conversations", { key, body: { workspace_handle: this.handle } });
    this.#keep({ id: started.conversation_id, token: started.visitor_token, lastEventId: null });
  }

  /** Where the stream is begun after a reload: so that the newest reply is shown whole, and what comes after it. */
  resumeFrom(lastEventId) {
    if (this.#isKept) this.#keep({ ...this.#value, lastEventId });
  }

  forget() {
    if (this.#isKept) this.#kept.write(null);
    this.leave();
  }

  /** Forgets it for now; another tab may be about to keep a new one, which this one must not remove. */
  leave() {
    this.#value = null;
  }

  /** Not so when another tab has begun a new one meanwhile. */
  get #isKept() {
    return this.started && this.#kept.read()?.id === this.#value.id;
  }

  post(content, key) {
    return this.#ask("POST", "/messages", { key, body: { content } });
  }

  /** All messages behind the cursor, and the cursor behind them. */
  async messages(cursor) {
    const items = [];
    for (;;) {
      const since = cursor ? `&since=${encodeURIComponent(cursor)}` : "";
      const page = await this.#ask("GET", `/messages?limit=${PAGE}${since}`);
      items.push(...page.items);
      cursor = page.next_cursor;
      if (page.items.length < PAGE) return { items, cursor };
    }
  }

  askPerson() {
    return this.#ask("POST", "/ask-a-person");
  }

  cancel(runId) {
    return this.#ask("POST", `/runs/${runId}/cancel`);
  }

  rate(messageId, value) {
    return this.#ask("POST", `/messages/${messageId}/feedback`, { body: { value } });
  }

  erase() {
    return this.#ask("DELETE", "");
  }

  follower(handlers) {
    const { id, token, lastEventId } = this.#value;
    return new Follower({ path: `/public/conversations/${id}/stream?follow=true`, token, lastEventId, ...handlers });
  }

  #ask(method, path, options = {}) {
    const { id, token } = this.#value;
    return ask(method, `/public/conversations/${id}${path}`, { ...options, token });
  }

  #keep(value) {
    this.#value = value;
    this.#kept.write(value);
  }
}
