import { removedNode } from "../chat/said.js";
import { toolNote } from "../chat/words.js";
import { button, element } from "../shared/elements.js";
import { GrowingText } from "../shared/growing_text.js";
import { blockNode, blocksOf } from "../shared/markdown.js";
import { timeOf } from "../shared/words.js";

const NAMES = { visitor: "Visitor", assistant: "Assistant", system: "" };
const THUMBS = { up: "Helpful", down: "Not helpful" };

/** A message, whole or being written. */
export class Entry {
  #text = new GrowingText();
  #notes = new Map();
  #drawing = false;
  #told = "";
  #blanked = false;
  #at = null;
  #who = element("p", { class: "who", dir: "auto" });
  #tools = element("ul", { class: "tools", role: "list", hidden: true });
  #bubble = element("div", { class: "bubble", dir: "auto" });
  #below = element("p", { class: "below" });
  #failure = element("p", { class: "below", hidden: true });

  constructor(role, blank) {
    Object.assign(this, { role, blank, ended: false });
    this.#who.textContent = NAMES[role] ?? "";
    this.node = element(
      "li",
      { class: `message ${role}` },
      this.#who,
      this.#tools,
      this.#bubble,
      this.#below,
      this.#failure,
    );
  }

  get words() {
    return [this.#bubble.innerText, this.#failure.textContent].filter(Boolean).join(" ");
  }

  /** It is told from its beginning. */
  begin() {
    this.node.setAttribute("aria-busy", "true");
    this.#text.set("");
    this.#notes.clear();
    this.#tools.replaceChildren();
    this.#below.textContent = "Writing…";
    this.#draw();
  }

  add(offset, chunk) {
    this.#text.splice(offset, chunk);
    this.#draw();
  }

  toolCalled(id, tool) {
    const item = element("li", {}, toolNote(tool) ?? "Did not know the answer");
    this.#notes.set(id, item);
    this.#tools.append(item);
    this.#tools.hidden = false;
  }

  toolAnswered(id, status) {
    if (status === "error") this.#notes.get(id)?.classList.add("failed");
  }

  /** It is over, and this was kept. */
  end(text, at = new Date()) {
    this.ended = true;
    this.#at = at;
    this.node.removeAttribute("aria-busy");
    this.#text.set(text);
    this.#render();
    this.#below.replaceChildren(...(text ? this.#facts(at) : []));
    if (this.#blanked) this.blanked();
  }

  /** The message as it is stored. */
  message({ role, author, content, status, metadata, created_at: at, blanked_at: blanked }) {
    const told = JSON.stringify([content, status, metadata, blanked]);
    if (told === this.#told || (this.#blanked && !blanked)) return;
    this.#told = told;
    if (role === "member") this.#who.textContent = author.name;
    this.end(content, new Date(at));
    if (blanked) return this.blanked();
    if (status === "partial") this.#below.append(element("span", {}, "Not finished"));
    const { feedback } = metadata;
    if (feedback)
      this.#below.append(element("strong", {}, [THUMBS[feedback.value], feedback.note].filter(Boolean).join(": ")));
  }

  /** Its words are gone, whatever an older answer still says. */
  blanked() {
    this.#blanked = true;
    this.#bubble.replaceChildren(removedNode());
    if (this.#at) this.#below.replaceChildren(timeNode(this.#at));
    this.#tools.hidden = true;
  }

  /** No whole reply came of it; `retry` null cannot be tried again. */
  failed(text, retry) {
    this.ended = true;
    const again = () => ((this.#failure.querySelector("button").disabled = true), retry());
    const buttons = retry ? [button("Try again", again, { class: "plain" })] : [];
    this.#failure.replaceChildren(element("span", { class: "error" }, text), ...buttons);
    this.#failure.hidden = false;
    this.node.classList.add("failed");
  }

  #facts(at) {
    return [
      timeNode(at),
      button("Remove", () => this.blank(), { class: "plain", "aria-label": `Remove this message of ${timeOf(at)}` }),
    ];
  }

  #draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      if (!this.ended) this.#render();
    });
  }

  #render() {
    if (this.#blanked) return;
    const { value } = this.#text;
    this.#bubble.replaceChildren(...(this.role === "visitor" ? [value] : blocksOf(value).map(blockNode)));
  }
}

function timeNode(date) {
  return element("time", { datetime: date.toISOString() }, timeOf(date));
}
