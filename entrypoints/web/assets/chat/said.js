import { button, element } from "../shared/elements.js";
import { blockNode, blocksOf } from "../shared/markdown.js";
import { timeOf } from "../shared/words.js";

/** `<time>`, in the visitor's zone. */
export function timeNode(date) {
  return element("time", { datetime: date.toISOString() }, timeOf(date));
}

/** What is shown in place of words that were taken away. */
export function removedNode() {
  return element("em", { lang: "en" }, "This message was removed.");
}

/** Words that are whole when they come: the visitor's, a member's, the system's, the greeting. */
export class Said {
  #below = element("p", { class: "below" });

  constructor({ role, content, who, language, blanked }) {
    this.content = content;
    const quiet = role === "member" ? "who" : "visually-hidden";
    this.bubble = element("div", { class: "bubble", dir: "auto", lang: role === "visitor" ? null : language });
    if (blanked) this.blank();
    else this.bubble.append(...(role === "visitor" ? [content] : blocksOf(content).map(blockNode)));
    const by = role === "system" ? [] : [element("p", { class: quiet, dir: "auto" }, who)];
    this.node = element("li", { class: `message ${role}` }, ...by, this.bubble, this.#below);
  }

  /** Its words are gone. */
  blank() {
    this.bubble.replaceChildren(removedNode());
  }

  at(date) {
    this.node.classList.remove("failed");
    this.#below.replaceChildren(timeNode(date));
  }

  /** Not yet sent. */
  sending(note) {
    this.node.classList.remove("failed");
    this.#below.replaceChildren(note);
  }

  /** Not sent, with what to do about it. */
  failed(reason, action, click) {
    this.node.classList.add("failed");
    this.#below.replaceChildren(`Not sent. ${reason}`, button(action, click, { class: "small" }));
  }
}
