import { byId } from "../shared/elements.js";
import { Tail } from "../shared/tail.js";
import { Reply } from "./reply.js";
import { Said } from "./said.js";

/** What was said, as it is shown: each message once, known by its id. */
export class Thread {
  #list = byId("messages");
  #tail = new Tail(byId("log"), this.#list);
  #known = new Map();
  #blanked = new Set();

  constructor({ language, rate }) {
    this.language = language;
    this.rate = rate;
  }

  clear() {
    this.#known.clear();
    this.#blanked.clear();
    this.#list.replaceChildren();
    this.#tail.pin();
  }

  /** The greeting, which is nobody's message. */
  greet(text) {
    this.#add(new Said({ role: "assistant", content: text, who: "Assistant", language: this.language }));
  }

  /** What the visitor has just said. */
  say(content) {
    this.#tail.pin();
    return this.#add(new Said({ role: "visitor", content, who: "You" }));
  }

  /** What was just said is the message of this id; false when it is shown already. */
  identify(id, said) {
    if (this.#known.has(id)) {
      said.node.remove();
      return false;
    }
    this.#keep(id, said);
    return true;
  }

  has(id) {
    return this.#known.has(id);
  }

  /** A message of somebody other than the assistant, which is shown unless it is already; null then. */
  show(message) {
    if (this.has(message.id)) return null;
    const { role, content, author } = message;
    const who = role === "visitor" ? "You" : author.name;
    const said = new Said({ role, content, who, language: this.language, blanked: message.blanked_at !== null });
    said.at(new Date(message.created_at));
    this.#keep(message.id, said);
    return this.#add(said);
  }

  /** The reply of this id, which is awaited from now on if it was not before. */
  reply(id) {
    if (this.has(id)) return this.#known.get(id);
    const reply = new Reply({ language: this.language, rate: this.rate });
    this.#keep(id, reply);
    return this.#add(reply);
  }

  /** The words of the message of this id are gone, also if it is shown only later, from an answer on its way. */
  blank(id) {
    this.#blanked.add(id);
    this.#known.get(id)?.blank();
  }

  /** Moves what is shown already behind all else. */
  last(item) {
    this.#add(item);
  }

  /** Puts the messages of these ids, as far as they are shown, in this order: each before the next. */
  arrange(ids) {
    const nodes = ids.filter((id) => this.has(id)).map((id) => this.#known.get(id).node);
    for (let place = nodes.length - 1; place > 0; place -= 1) {
      const [node, next] = [nodes[place - 1], nodes[place]];
      if (next.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING) next.before(node);
    }
  }

  /** The visitor's last words before the reply. */
  questionOf(reply) {
    let node = reply.node.previousElementSibling;
    while (node && !node.matches(".visitor")) node = node.previousElementSibling;
    return node?.querySelector(".bubble").textContent ?? null;
  }

  #keep(id, item) {
    this.#known.set(id, item);
    if (this.#blanked.has(id)) item.blank();
  }

  #add(item) {
    this.#list.append(item.node);
    return item;
  }
}
