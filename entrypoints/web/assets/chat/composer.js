import { byId } from "../shared/elements.js";

/** Where the visitor writes, once there is somebody to send it. Enter sends, Shift+Enter breaks the line, and neither ends what an input method composes. */
export class Composer {
  #text = byId("text");
  #stop = byId("stop");

  constructor({ send, stop }) {
    this.send = send;
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    this.#stop.addEventListener("click", () => {
      this.focus();
      this.#stop.disabled = true;
      stop();
    });
    if (!CSS.supports("field-sizing", "content")) this.#text.addEventListener("input", () => this.#grow());
    this.#text.disabled = false;
    byId("send").disabled = false;
  }

  focus() {
    this.#text.focus();
  }

  /** Gives words back to be changed, before what is being written. */
  giveBack(content) {
    this.#text.value = [content, this.#text.value].filter(Boolean).join("\n");
    this.#grow();
    this.focus();
  }

  /** Takes a control away without taking the focus with it. */
  takeAway(node) {
    if (node.contains(document.activeElement)) this.focus();
    node.hidden = true;
  }

  /** Whether there is a reply to stop. */
  busy(busy) {
    this.#stop.disabled = false;
    if (busy) this.#stop.hidden = false;
    else this.takeAway(this.#stop);
  }

  #submit() {
    const content = this.#text.value.trim();
    this.focus();
    if (!content) return;
    this.#text.value = "";
    this.#grow();
    this.send(content);
  }

  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight + 2}px`;
  }
}
