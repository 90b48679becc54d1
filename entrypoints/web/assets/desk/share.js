import { button, element } from "../shared/elements.js";
import { count } from "../shared/words.js";
import { money } from "./words.js";

/** Where the chat is, how it gets on a website, and what it took today. */
export class ShareView {
  title = "Share";
  #chat = element("a", { target: "_blank", rel: "noopener" });
  #closed = element(
    "p",
    { class: "notice", hidden: true },
    "The business is not open to visitors: its chat page is not there.",
  );
  #snippet = element("code", {});
  #copied = element("span", { class: "quiet", role: "status" });
  #usage = element("p", {});

  constructor({ api, workspace }) {
    Object.assign(this, { api, workspace });
    const card = (title, ...parts) => element("section", { class: "card stack" }, element("h2", {}, title), ...parts);
    this.node = element(
      "div",
      { class: "page middle" },
      element("h1", {}, "Share"),
      element(
        "div",
        { class: "stack" },
        this.#closed,
        card("The chat page", element("p", {}, this.#chat)),
        card(
          "On your website",
          element("p", {}, "Put this line on each page that is to have the chat:"),
          element("pre", { tabindex: 0, "aria-label": "The line for your website" }, this.#snippet),
          element(
            "div",
            { class: "buttons" },
            button("Copy", () => this.#copy()),
            this.#copied,
          ),
        ),
        card("Today", this.#usage),
      ),
    );
  }

  async open() {
    const { handle, active } = await this.workspace.refresh();
    const address = `${location.origin}/chat/${handle}`;
    this.#closed.hidden = active;
    this.#chat.href = address;
    this.#chat.textContent = address;
    this.#snippet.textContent = `<script src="${address}/embed.js" async></script>`;
    const { totals } = await this.api.get(this.workspace.path("/conversations/stats?range=today"));
    this.#usage.textContent = this.#took(totals.usage);
  }

  #took({ calls, input_tokens: read, output_tokens: written, costs }) {
    const most = this.workspace.view.limits.tokens_per_day;
    const of = most === null ? "" : ` of ${most.toLocaleString()} a day`;
    const cost = costs.length ? `, ${money(costs)}` : "";
    return `${count(calls, "call")} of models, ${count(read + written, "token")}${of}${cost}.`;
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.#snippet.textContent);
      this.#copied.textContent = "Copied.";
    } catch {
      getSelection().selectAllChildren(this.#snippet);
      this.#copied.textContent = "Your browser forbids it: the line is selected, copy it yourself.";
    }
  }
}
