import { announce } from "../shared/announcer.js";
import { button, byId, element } from "../shared/elements.js";
import { Form } from "../shared/form.js";
import { tell } from "../shared/notices.js";
import { explained, timeOf } from "../shared/words.js";

const REASONS = {
  unknown: "The assistant did not know.",
  model_unavailable: "The model did not answer.",
  model_refused: "The model refused.",
  timeout: "It took too long.",
  limit_reached: "A limit was reached.",
};

/** The questions that the assistant could not answer, each with a place for the answer. */
export class UnansweredView {
  title = "Unanswered";
  #list = element("ul", { class: "plainly stack", role: "list" });
  #none = element(
    "p",
    { class: "quiet", hidden: true },
    "There is none: whatever was asked has been answered, or seen to.",
  );
  #more = button("Show more", () => this.#load(), { hidden: true });
  #cursor = null;
  #forms = [];

  constructor({ api, workspace }) {
    Object.assign(this, { api, workspace });
    this.node = element(
      "div",
      { class: "page middle" },
      element("h1", {}, "Unanswered questions"),
      this.#none,
      this.#list,
      this.#more,
    );
  }

  get dirty() {
    return this.#forms.some((form) => form.node.isConnected && form.dirty);
  }

  async open() {
    if (this.dirty) return;
    this.#cursor = null;
    this.#list.replaceChildren();
    this.#forms = [];
    await this.#load();
  }

  async #load() {
    const from = this.#cursor ? `?cursor=${encodeURIComponent(this.#cursor)}` : "";
    const page = await this.api
      .get(this.workspace.path(`/unanswered${from}`))
      .catch((problem) => tell(explained(problem)));
    if (!page) return;
    this.#cursor = page.next_cursor;
    this.#more.hidden = !this.#cursor;
    this.#list.append(...page.items.map((question) => this.#card(question)));
    this.#none.hidden = this.#list.childElementCount > 0;
  }

  #card({ id, question, asked_at: at, reason, suggestion, conversation_id: conversation }) {
    const path = this.workspace.path(`/unanswered/${id}`);
    const form = new Form({
      anew: true,
      fields: [
        { pointer: "/question", label: "Question" },
        {
          pointer: "/answer",
          label: "Answer",
          kind: "area",
          hint: suggestion ? "What was written in the conversation." : "",
        },
      ],
      saveText: "Add to the knowledge base",
      save: async () => {
        const [asked, answer] = form.fields.map(({ value }) => value);
        await this.api.post(`${path}/knowledge`, { answer, question: asked });
        this.#done(item, "Added to the knowledge base.");
        await this.workspace.refresh();
      },
      more: [button("Dismiss", () => this.#dismiss(item, path))],
    });
    form.rebase({ question: question.slice(0, 1000), answer: "" });
    if (suggestion) form.fields[1].value = suggestion;
    form.node.prepend(
      element("h2", { dir: "auto" }, question),
      element(
        "p",
        { class: "quiet" },
        `${timeOf(new Date(at))}. ${REASONS[reason] ?? "Something went wrong."} `,
        element("a", { href: `#/conversations/${conversation}` }, "See the conversation"),
      ),
    );
    const item = element("li", {}, form.node);
    this.#forms.push(form);
    return item;
  }

  async #dismiss(item, path) {
    try {
      await this.api.post(`${path}/dismiss`);
      this.#done(item, "Dismissed.");
    } catch (problem) {
      tell(explained(problem));
    }
  }

  #done(item, text) {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    announce(text);
    this.#none.hidden = this.#list.childElementCount > 0;
    (next?.querySelector("input") ?? byId("main")).focus();
  }
}
