import { button, element } from "../shared/elements.js";
import { GrowingText } from "../shared/growing_text.js";
import { blockNode, blocksOf } from "../shared/markdown.js";
import { removedNode, timeNode } from "./said.js";
import { toolNote } from "./words.js";

/** The assistant's message, from the moment it is awaited. */
export class Reply {
  #text = new GrowingText();
  #shown = [];
  #drawing = false;
  #notes = new Map();
  #tools = element("ul", { class: "tools", role: "list", hidden: true });
  #writing = element("div", { class: "writing" }, element("i"), element("i"), element("i"));
  #below = element("p", { class: "below", hidden: true });

  constructor({ language, rate }) {
    this.rate = rate;
    this.ended = false;
    this.heard = false;
    this.blanked = false;
    this.at = null;
    this.feedback = null;
    this.bubble = element("div", { class: "bubble", dir: "auto", lang: language });
    const who = element("p", { class: "visually-hidden" }, "Assistant");
    this.node = element(
      "li",
      { class: "message assistant", "aria-busy": "true" },
      who,
      this.#tools,
      this.bubble,
      this.#writing,
      this.#below,
    );
  }

  /** It is told from its beginning: its text is empty, also when it was not before. */
  begin() {
    this.#text.set("");
    this.#notes.clear();
    this.#tools.replaceChildren();
    this.#draw();
  }

  add(offset, chunk) {
    this.#text.splice(offset, chunk);
    this.#draw();
  }

  toolCalled(id, tool) {
    const note = toolNote(tool);
    if (note === null || this.#notes.has(id)) return;
    const node = element("li", {}, note);
    this.#notes.set(id, node);
    this.#tools.append(node);
    this.#tools.hidden = false;
  }

  toolAnswered(id, status) {
    const node = this.#notes.get(id);
    if (!node || status !== "error" || node.className) return;
    node.className = "failed";
    node.append(": that did not work");
  }

  /** Its words are gone, also those still to be told. */
  blank() {
    this.blanked = true;
    this.#notes.clear();
    this.#render();
    if (this.ended) this.#below.replaceChildren(timeNode(this.at));
  }

  /** It is over: `text` was kept; `note` says why it is not whole, and `retry` tries again. Returns it as plain words. */
  end({ text, messageId, at = new Date(), feedback = null, note = null, retry = null }) {
    this.ended = true;
    this.at ??= at;
    this.feedback ??= feedback;
    this.#text.set(text);
    this.#render();
    this.#writing.remove();
    this.node.removeAttribute("aria-busy");
    const parts = note ? [element("span", {}, note)] : [];
    if (this.blanked) parts.splice(0, parts.length, timeNode(this.at));
    else if (retry) parts.push(button("Try again", ({ target }) => (target.remove(), retry()), { class: "small" }));
    else if (text) parts.push(timeNode(this.at), ...this.#thumbs(messageId));
    this.#below.replaceChildren(...parts);
    this.#below.hidden = false;
    return [this.bubble.innerText, note].filter(Boolean).join(" ");
  }

  #thumbs(messageId) {
    let kept = this.feedback;
    let last = 0;
    let rated = Promise.resolve();
    const thumb = (value, text) => {
      const rate = () => {
        const turn = (last += 1);
        press(value);
        // One after the other, so that the last choice is the one that stays.
        rated = rated.then(async () => {
          if (await this.rate(messageId, value)) kept = value;
          else if (turn === last) press(kept);
        });
      };
      return [value, button(text, rate, { class: "plain" })];
    };
    const thumbs = new Map([thumb("up", "Helpful"), thumb("down", "Not helpful")]);
    const press = (value) => {
      this.feedback = value;
      for (const [name, node] of thumbs) node.setAttribute("aria-pressed", String(name === value));
    };
    press(this.feedback);
    return thumbs.values();
  }

  #draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#render();
    });
  }

  /** Draws anew only the blocks that have changed, which are the last ones while the text grows. */
  #render() {
    this.#tools.hidden = this.#notes.size === 0;
    if (this.blanked) return this.bubble.replaceChildren(removedNode());
    const blocks = blocksOf(this.#text.value);
    let same = 0;
    while (same < blocks.length && blocks[same] === this.#shown[same]) same += 1;
    while (this.bubble.childNodes.length > same) this.bubble.lastChild.remove();
    this.bubble.append(...blocks.slice(same).map(blockNode));
    this.#shown = blocks;
  }
}
