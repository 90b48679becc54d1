import { button, element } from "../shared/elements.js";
import { tell } from "../shared/notices.js";
import { explained, timeOf } from "../shared/words.js";
import { channelName, standing, visitorName } from "./words.js";

const CALM = 500; // milliseconds: what happens meanwhile is asked for at once
const WHO = { visitor: "", assistant: "Assistant: ", member: "Member: ", system: "" };
const STATES = [
  ["open", "Open"],
  ["closed", "Closed"],
  ["archived", "Archived"],
  ["", "All"],
];
const HANDLERS = [
  ["", "Anybody"],
  ["assistant", "Assistant"],
  ["human", "Person"],
];
const TOLD = /^(conversation|message|run)\./;

/** The list of conversations, kept up to date by the workspace's activity. */
export class Inbox {
  #list = element("ul", { class: "inbox-list", role: "list" });
  #counts = element("p", { class: "quiet" });
  #none = element("p", { class: "quiet", hidden: true }, "No conversation.");
  #more = button("Show more", () => this.#next(), { hidden: true });
  #selected = "";
  #cursor = null;
  #timer = null;
  #asked = 0;

  constructor({ api, workspace, waiting }) {
    Object.assign(this, { api, workspace });
    this.waiting = waiting;
    this.filters = this.#makeFilters();
    this.node = element(
      "section",
      { class: "inbox", "aria-labelledby": "inbox" },
      element("h1", { id: "inbox" }, "Conversations"),
      this.filters,
      this.#counts,
      this.#none,
      this.#list,
      this.#more,
    );
  }

  select(id) {
    this.#selected = id;
    for (const link of this.#list.querySelectorAll("a")) this.#mark(link);
  }

  heard({ type }) {
    if (!TOLD.test(type) || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.load().catch((problem) => tell(explained(problem)));
    }, CALM);
  }

  async load() {
    this.#asked += 1;
    const asked = this.#asked;
    const page = await this.#page();
    if (asked !== this.#asked) return; // Something newer is on its way.
    const focused = document.activeElement?.dataset?.id;
    this.#list.replaceChildren(...page.items.map((each) => this.#row(each)));
    if (focused) this.#list.querySelector(`[data-id="${focused}"]`)?.focus();
    this.#after(page);
  }

  async #next() {
    const page = await this.#page(this.#cursor).catch((problem) => tell(explained(problem)));
    if (!page) return;
    this.#list.append(...page.items.map((each) => this.#row(each)));
    this.#after(page);
  }

  #page(cursor = null) {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(this.filters)) if (value.trim()) query.set(name, value.trim());
    if (cursor) query.set("cursor", cursor);
    return this.api.get(this.workspace.path(`/conversations?${query}`));
  }

  #after({ next_cursor: cursor, counts }) {
    this.#cursor = cursor;
    this.#more.hidden = !cursor;
    this.#none.hidden = this.#list.childElementCount > 0;
    const { open, waiting, human } = counts;
    this.#counts.textContent = `${open} open, ${waiting} waiting for a person, ${human} with one`;
    this.waiting(waiting);
  }

  #row(conversation) {
    const { id, last_message: last, tags, waiting_since: waiting, handled_by: by, channel } = conversation;
    const badge = element(
      "span",
      { class: waiting || by === "human" ? "badge strong" : "badge" },
      standing(conversation),
    );
    const labels = [...(channel === "web" ? [] : [channelName(channel)]), ...tags];
    const link = element(
      "a",
      { href: `#/conversations/${id}`, "data-id": id },
      element(
        "span",
        { class: "line" },
        element("strong", { dir: "auto" }, visitorName(conversation)),
        element(
          "time",
          { class: "quiet", datetime: conversation.updated_at },
          timeOf(new Date(conversation.updated_at)),
        ),
      ),
      element(
        "span",
        { class: "excerpt", dir: "auto" },
        last ? `${WHO[last.role]}${last.excerpt}` : "Nothing said yet",
      ),
      element(
        "span",
        { class: "line start" },
        badge,
        ...labels.map((label) => element("span", { class: "badge" }, label)),
      ),
    );
    this.#mark(link);
    return element("li", {}, link);
  }

  #mark(link) {
    if (link.dataset.id === this.#selected) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }

  #makeFilters() {
    const search = element("input", {
      type: "search",
      name: "q",
      maxlength: 200,
      placeholder: "Search",
      "aria-label": "Search",
    });
    const choice = (name, label, options) =>
      element(
        "select",
        { name, "aria-label": label },
        ...options.map(([value, text]) => element("option", { value }, text)),
      );
    const waiting = element(
      "label",
      { class: "check" },
      element("input", { type: "checkbox", name: "waiting", value: "true" }),
      "Waiting for a person",
    );
    const changed = () => this.load().catch((problem) => tell(explained(problem)));
    const submitted = (event) => (event.preventDefault(), changed());
    return element(
      "form",
      { class: "filters", role: "search", change: changed, submit: submitted },
      search,
      choice("status", "Status", STATES),
      choice("handled_by", "Who answers", HANDLERS),
      waiting,
    );
  }
}
