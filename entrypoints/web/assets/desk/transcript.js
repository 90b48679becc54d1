import { announce } from "../shared/announcer.js";
import { element } from "../shared/elements.js";
import { Entry } from "./entry.js";

/** What both sides say, as it is shown: each message once, known by its id. */
export class Transcript {
  #entries = new Map();
  #current = null;
  node = element("ol", { class: "messages", role: "list" });

  /** `blank(id)` takes a message's words away, `retry(runId)` has a question answered once more. */
  constructor({ blank, retry }) {
    Object.assign(this, { blank, retry });
  }

  /** Shows a message, or what has become of it since; whether it is new. */
  show(message) {
    const known = this.#entries.get(message.id);
    if (known) {
      known.message(message);
      return false;
    }
    this.#entry(message.id, message.role).message(message);
    return true;
  }

  /** A run that brought no whole reply: it says so where the reply would be. */
  failed(run, retryable) {
    const entry =
      this.#entries.get(run.reply_message_id) ?? this.#entry(run.reply_message_id, "assistant", run.message_id);
    entry.failed(
      run.status === "cancelled" ? "Stopped." : run.error.message,
      retryable ? () => this.retry(run.id) : null,
    );
  }

  /** Takes an event of `GET …/stream`; whether it brought a message, or a reply to its end. */
  take({ id, name, data }, follower) {
    switch (name) {
      case "message":
        return this.#said(data);
      case "message_blanked":
        this.#entries.get(data.message_id)?.blanked();
        return false;
      case "message_start":
        return this.#started(data);
      case "delta":
        return this.#current?.add(data.offset, data.text_chunk);
      case "tool_call":
        return this.#current?.toolCalled(data.id, data.tool);
      case "tool_result":
        return this.#current?.toolAnswered(data.id, data.status);
      case "message_end":
      case "cancelled":
      case "error":
        follower.restartId = id;
        return this.#ended(name, data);
    }
    return false; // It is of a later release.
  }

  #said(message) {
    const fresh = this.show(message);
    if (fresh) announce(`${message.role === "visitor" ? "Visitor" : message.author.name}: ${message.content}`);
    return fresh;
  }

  #started({ message_id: id }) {
    const entry = this.#entries.get(id) ?? this.#entry(id, "assistant");
    this.#current = entry.ended ? null : entry;
    this.#current?.begin();
    return false;
  }

  #ended(name, { message_id: id, run_id: run, full_text: text, message }) {
    const entry = this.#entries.get(id) ?? this.#entry(id, "assistant");
    this.#current = null;
    if (entry.ended) return false;
    entry.end(text);
    if (name === "error") entry.failed(message, () => this.retry(run));
    if (name === "cancelled") entry.failed("Stopped.", () => this.retry(run));
    announce(`Assistant: ${entry.words}`);
    return true;
  }

  #entry(id, role, behind = null) {
    const entry = new Entry(role, () => this.blank(id));
    const before = this.#entries.get(behind);
    if (before) before.node.after(entry.node);
    else this.node.append(entry.node);
    this.#entries.set(id, entry);
    return entry;
  }
}
