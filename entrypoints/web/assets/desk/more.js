import { button, element } from "../shared/elements.js";

/** What is less often done with a conversation: its tags, its export, its end. */
export class More {
  #tags = element("input", { id: "tags", type: "text", dir: "auto", "aria-describedby": "tags-hint" });

  /** `tag(tags)`, `save(format, suffix)` and `erase()` do it. */
  constructor({ tag, save, erase }) {
    const tagged = (event) => {
      event.preventDefault();
      tag(this.#read());
    };
    this.node = element(
      "details",
      { class: "more" },
      element("summary", {}, "Tags, export, erase"),
      element(
        "form",
        { class: "tags", submit: tagged },
        element("label", { for: "tags" }, "Tags"),
        element("p", { id: "tags-hint", class: "quiet" }, "Separated by commas."),
        element("div", { class: "line" }, this.#tags, element("button", { type: "submit" }, "Save")),
      ),
      element(
        "div",
        { class: "buttons" },
        button("Export as Markdown", () => save("markdown", "md")),
        button("Export as JSON", () => save("json", "json")),
        button("Erase…", erase, { class: "danger" }),
      ),
    );
  }

  /** Shows the tags, unless others are being written. */
  show({ tags }) {
    if (document.activeElement !== this.#tags) this.#tags.value = tags.join(", ");
  }

  #read() {
    const tags = this.#tags.value.split(",").map((tag) => tag.trim());
    return tags.filter(Boolean);
  }
}
