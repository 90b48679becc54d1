import { element } from "../shared/elements.js";
import { Conversation } from "./conversation.js";
import { Inbox } from "./inbox.js";

/** The inbox, and beside it the conversation that is open. */
export class ConversationsView {
  title = "Conversations";
  #conversation = null;
  #drafts = new Map();
  #pane = element("section", { class: "pane", "aria-label": "Conversation" });
  #nothing = element("p", { class: "quiet nothing" }, "Choose a conversation.");

  constructor(desk) {
    this.desk = desk;
    this.inbox = new Inbox(desk);
    this.node = element("div", { class: "split" }, this.inbox.node, this.#pane);
  }

  get dirty() {
    return Boolean(this.#conversation?.reply.text) || this.#drafts.size > 0;
  }

  async open(id) {
    this.node.toggleAttribute("data-open", Boolean(id));
    this.inbox.select(id);
    const loading = this.inbox.load();
    if (id !== this.#conversation?.id) this.#change(id);
    await loading;
  }

  close() {
    this.#change("");
  }

  heard(event) {
    this.inbox.heard(event);
    this.#conversation?.heard(event);
  }

  #change(id) {
    this.#put();
    this.#conversation = id ? new Conversation(this.desk, id, () => this.#left()) : null;
    this.#pane.replaceChildren(this.#conversation?.node ?? this.#nothing);
    if (!id) return;
    this.#conversation.reply.text = this.#drafts.get(id) ?? "";
    this.#drafts.delete(id);
    this.#conversation.open();
  }

  /** Puts away the conversation that is open, and keeps what is being written in it. */
  #put() {
    if (!this.#conversation) return;
    const { id, reply } = this.#conversation;
    this.#conversation.close();
    if (reply.text) this.#drafts.set(id, reply.text);
  }

  /** The conversation was erased. */
  #left() {
    location.hash = "#/conversations";
  }
}
