import { announce } from "../shared/announcer.js";
import { element } from "../shared/elements.js";
import { Form } from "../shared/form.js";
import { blockNode, blocksOf } from "../shared/markdown.js";
import { count, explained } from "../shared/words.js";

const TEXT = {
  pointer: "/knowledge_base",
  label: "What the assistant may know",
  kind: "area",
  hint: "Plain text or Markdown, up to 1 MiB. Headings help it find things.",
  attributes: { rows: 22, spellcheck: "true", class: "long" },
};

/** The knowledge base, and what the assistant would answer from it as it stands here, saved or not. */
export class KnowledgeView {
  title = "Knowledge";
  #question = element("input", { id: "question", type: "text", maxlength: 2000, required: true, dir: "auto" });
  #ask = element("button", { class: "main", type: "submit" }, "Ask");
  #answer = element("div", { class: "answer", "aria-busy": "false" });

  constructor({ api, workspace }) {
    Object.assign(this, { api, workspace });
    this.form = new Form({
      fields: [TEXT],
      save: (changes) => workspace.edit(changes),
      current: () => workspace.refresh(),
    });
    workspace.watch((view) => this.form.rebase(view));
    this.form.rebase(workspace.view);
    this.node = element(
      "div",
      { class: "page wide" },
      element("h1", {}, "Knowledge"),
      element("div", { class: "columns" }, this.form.node, this.#preview()),
    );
  }

  get dirty() {
    return this.form.dirty;
  }

  async open() {
    if (!this.dirty) await this.workspace.refresh();
  }

  #preview() {
    return element(
      "section",
      { class: "card stack", "aria-labelledby": "preview" },
      element("h2", { id: "preview" }, "Try it"),
      element(
        "p",
        { class: "quiet" },
        "Ask as a visitor would. The answer comes from the text as it stands here, saved or not, and nothing of it is kept.",
      ),
      element(
        "form",
        { class: "stack", submit: (event) => this.#tried(event) },
        element("label", { for: "question" }, "Question"),
        this.#question,
        element("div", { class: "buttons" }, this.#ask),
      ),
      this.#answer,
    );
  }

  async #tried(event) {
    event.preventDefault();
    const [{ value: draft }] = this.form.fields;
    this.#ask.disabled = true;
    this.#answer.setAttribute("aria-busy", "true");
    this.#answer.replaceChildren(element("p", { class: "quiet" }, "The assistant is answering…"));
    try {
      const body = { question: this.#question.value, knowledge_base: draft };
      this.#show(await this.api.consult(this.workspace.path("/assistant/preview"), body));
    } catch (problem) {
      this.#answer.replaceChildren(element("p", { class: "error" }, explained(problem)));
      announce(explained(problem));
    } finally {
      this.#ask.disabled = false;
      this.#answer.setAttribute("aria-busy", "false");
    }
  }

  #show({ text, cut, passages, model }) {
    const bubble = element("div", { class: "bubble", dir: "auto" }, ...blocksOf(text).map(blockNode));
    const told = cut ? `By ${model}, cut short here.` : `By ${model}.`;
    this.#answer.replaceChildren(bubble, element("p", { class: "quiet" }, told), sources(passages));
    announce(`Assistant: ${bubble.innerText}`);
  }
}

function sources(passages) {
  const items = passages.map(({ heading, text }) =>
    element("li", { dir: "auto" }, ...(heading ? [element("strong", {}, heading), element("br")] : []), text),
  );
  const name = `It was given ${count(passages.length, "passage")}`;
  return element("details", {}, element("summary", {}, name), element("ol", { class: "sources" }, ...items));
}
