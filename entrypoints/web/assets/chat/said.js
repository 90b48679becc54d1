import { button, element } from "../shared/elements.js";
import { blockNode, blocksOf } from "../shared/markdown.js";
import { timeOf } from "./words.js";

/** `<time>`, in the visitor's zone. */
export function timeNode(date) {
  return element("time", { datetime: date.toISOString() }, timeOf(date));
}

/** Words that are whole when they come: the visitor's, a member's, the system's, the greeting. */
export class Said {
  #below = element("p", { class: "below" });

  constructor({ role, content, who, language, blanked }) {
    this.content = content;
    const quiet = role === "member" ? "who" : "visually-hidden";
    this.bubble = element("div", { class: "bubble", dir: "auto", lang: role === "visitor" ? null : language });
    if (blanked) this.bubble.append(element("em", { lang: "en" }, "This message was removed."));
    else this.bubble.append(...(role === "visitor" ? [content] : blocksOf(content).map(blockNode)));
    const by = role === "system" ? [] : [element("p", { class: quiet, dir: "auto" }, who)];
    this.node = element("li", { class: `message ${role}` }, ...by, this.bubble, this.#below);
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
