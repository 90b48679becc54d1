import { announce } from "../shared/announcer.js";

/** Shows what the stream tells (`GET …/stream` describes its events), and which replies are being made. */
export class Incoming {
  #current = null;
  #active = new Map();
  #resumed = false;

  /**
   * `catchUp()` loads messages not shown yet; `busy(bool)`, `retry(question)` and `stands(state)`, how the conversation
   * stands, tell what came of events.
   */
  constructor({ session, thread, catchUp, busy, stands, retry }) {
    Object.assign(this, { session, thread, catchUp, busy, stands, retry });
  }

  /** The run whose reply is being made, or the first that waits; null when there is none. */
  get run() {
    return this.#active.keys().next().value ?? null;
  }

  /** The stream is about to go on with what was begun before. */
  resume() {
    this.#resumed = true;
  }

  clear() {
    this.#current = null;
    this.#active.clear();
    this.busy(false);
  }

  /** The reply of this run will come, unless it has. */
  expect(run) {
    const reply = this.thread.reply(run.reply_message_id);
    if (reply.ended) return;
    this.#active.set(run.id, reply);
    this.busy(true);
  }

  /** A message of the assistant from the list; `heard` when it is not new to the visitor. */
  kept(message, heard) {
    const reply = this.thread.reply(message.id);
    if (reply.ended) return;
    reply.heard = heard;
    const note = message.status === "partial" ? "Not finished" : null;
    const { id: messageId, content: text, metadata } = message;
    reply.end({ text, messageId, note, at: new Date(message.created_at), feedback: metadata.feedback?.value });
    this.#ended(message.run_id);
  }

  take({ id, name, data }, follower) {
    switch (name) {
      case "message_start":
        return this.#started(data, follower);
      case "delta":
        return this.#current?.add(data.offset, data.text_chunk);
      case "tool_call":
        return this.#current?.toolCalled(data.id, data.tool);
      case "tool_result":
        return this.#current?.toolAnswered(data.id, data.status);
      case "message_end":
        return this.#end(data, id, follower);
      case "cancelled":
        return this.#end(data, id, follower, { note: "Stopped" });
      case "error":
        return this.#failed(data, id, follower);
      case "message":
        return this.#said(data);
      case "message_blanked":
        return this.thread.blank(data.message_id);
      case "conversation":
        return this.stands(data);
    }
  }

  #started({ message_id, run_id }, follower) {
    this.session.resumeFrom(follower.restartId);
    const reply = this.thread.reply(message_id);
    const cut = this.#current && this.#current !== reply;
    this.#current = reply.ended ? null : reply;
    if (reply.ended) return;
    // Asked in another tab; or the end of a reply before was missed, as when two were awaited before a reload.
    const behind = cut || this.#resumed || !this.#active.has(run_id);
    this.#resumed = false;
    this.expect({ id: run_id, reply_message_id: message_id });
    reply.begin();
    if (behind) this.#catchUpBefore(reply);
  }

  async #catchUpBefore(reply) {
    await this.catchUp().catch(() => {}); // What is missing then is there after a reload.
    if (!reply.ended) this.thread.last(reply);
  }

  #failed(data, id, follower) {
    const question = this.thread.questionOf(this.thread.reply(data.message_id));
    const retry = question === null ? null : () => this.retry(question);
    this.#end(data, id, follower, { note: data.message, retry });
  }

  #said(message) {
    if (this.thread.show(message)) announce(`${message.author.name}: ${message.content}`);
  }

  #end(data, id, follower, how = {}) {
    const reply = this.thread.reply(data.message_id);
    const words = reply.end({ text: data.full_text, messageId: data.message_id, ...how });
    if (!reply.heard) announce(`Assistant: ${words}`);
    reply.heard = true;
    follower.restartId = id;
    this.#current = null;
    this.#ended(data.run_id);
  }

  #ended(runId) {
    this.#active.delete(runId);
    this.busy(this.#active.size > 0);
  }
}
