import { announce } from "../shared/announcer.js";
import { element } from "../shared/elements.js";
import { explained } from "../shared/words.js";

/** Where a member writes to the visitor; `send(content, key)` throws a Problem when it could not be sent. */
export class ReplyBox {
  #text = element("textarea", {
    id: "reply",
    rows: 2,
    maxlength: 8000,
    dir: "auto",
    enterkeyhint: "send",
    "aria-describedby": "reply-hint reply-error",
  });
  #hint = element("p", { id: "reply-hint", class: "quiet" });
  #error = element("p", { id: "reply-error", class: "error" });
  #send = element("button", { class: "main", type: "submit" }, "Send");
  #key = null;

  constructor(send) {
    this.send = send;
    this.node = element(
      "form",
      { class: "bottom reply", submit: (event) => (event.preventDefault(), this.#submit()) },
      this.#hint,
      element("label", { class: "visually-hidden", for: "reply" }, "Reply to the visitor"),
      element("div", { class: "composer" }, this.#text, this.#send),
      this.#error,
    );
    this.#text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener("input", () => (this.#key = null));
  }

  /** What is being written. */
  get text() {
    return this.#text.value.trim();
  }

  set text(text) {
    this.#text.value = text;
  }

  show({ status, handled_by: by }) {
    const closed = status !== "open";
    const hints = {
      human: "The visitor reads it at once. The assistant is silent.",
      assistant: "The visitor reads it at once. The assistant goes on answering until you take over.",
    };
    this.#hint.textContent = closed ? "Open the conversation again to write in it." : hints[by];
    this.#text.disabled = closed;
    this.#send.disabled = closed;
  }

  async #submit() {
    const content = this.text;
    if (!content || this.#send.disabled) return;
    this.#error.textContent = "";
    this.#send.disabled = true;
    this.#key ??= crypto.randomUUID(); // The same words tried again are posted once.
    try {
      await this.send(content, this.#key);
      this.#key = null;
      this.text = "";
    } catch (problem) {
      this.#error.textContent = `Not sent. ${explained(problem)}`;
      announce(this.#error.textContent);
    } finally {
      this.#send.disabled = this.#text.disabled;
      this.#text.focus();
    }
  }
}
