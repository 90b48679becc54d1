import { announce } from "./announcer.js";
import { button, element } from "./elements.js";
import { Field, at, put } from "./fields.js";
import { explained } from "./words.js";

/**
 * Edits fields of a value. `save(changes)` stores a merge patch of those that were changed; when it throws a Problem with
 * places, each is said at its field. When it is refused as somebody else has changed the value (412), `current()` gives
 * what it is now, and the form shows what of it differs. What is `anew` is saved as it stands, changed or not. `done` is
 * said when it is saved; a form without a `title` may have a `label` for those who do not see where it stands.
 */
export class Form {
  #base = null;
  #status = element("p", { class: "quiet", role: "status" });
  #notice = element("div", { class: "notice bad stack", hidden: true, tabindex: -1 });

  constructor({
    title = null,
    label = title,
    fields,
    save,
    current = null,
    anew = false,
    saveText = "Save",
    done = "Saved.",
    more = [],
  }) {
    Object.assign(this, { save, current, anew, done });
    this.fields = fields.map((field) => new Field(field));
    this.submit = element("button", { class: "main", type: "submit" }, saveText);
    this.node = element(
      "form",
      { class: "card stack", novalidate: true, "aria-label": label, submit: (event) => this.#submit(event) },
      ...(title ? [element("h2", {}, title)] : []),
      this.#notice,
      ...this.fields.map(({ node }) => node),
      element("div", { class: "buttons" }, this.submit, ...more, this.#status),
    );
    this.node.addEventListener("input", () => (this.#status.textContent = ""));
  }

  get dirty() {
    return this.#dirty.length > 0;
  }

  /** The value is this now; what is being edited stays. */
  rebase(value) {
    const edited = this.#base === null ? [] : this.#dirty;
    for (const field of this.fields) {
      if (!edited.includes(field)) field.value = at(value, field.pointer);
    }
    this.#base = value;
  }

  /** The fields that were changed, as a merge patch. */
  get changes() {
    const changes = {};
    for (const field of this.#dirty) put(changes, field.pointer, field.value);
    return changes;
  }

  /** All fields, as an object. */
  get values() {
    const values = {};
    for (const field of this.fields) put(values, field.pointer, field.value);
    return values;
  }

  /** The field of the value at this place. */
  field(pointer) {
    return this.fields.find((field) => field.pointer === pointer);
  }

  /** Empties all fields and takes back what was said of them. */
  empty() {
    this.#clear();
    this.say("");
    for (const field of this.fields) field.value = field.none;
  }

  get #dirty() {
    return this.fields.filter((field) => field.differs(at(this.#base, field.pointer)));
  }

  #submit(event) {
    event.preventDefault();
    if (!this.dirty && !this.anew) return this.say("Nothing has changed.");
    return this.attempt(async () => {
      await this.#saved();
      this.say(this.done);
    });
  }

  /** Does it with what is put in; what is wrong is said at its place. */
  async attempt(work) {
    this.#clear();
    this.submit.disabled = true;
    try {
      await work();
    } catch (problem) {
      await this.#failed(problem);
    } finally {
      this.submit.disabled = false;
    }
  }

  async #saved() {
    const stored = await this.save(this.changes);
    if (!stored) return;
    this.#base = stored;
    for (const field of this.fields) field.value = at(stored, field.pointer);
  }

  async #failed(problem) {
    if (problem.status === 412 && this.current) return this.#conflict().catch((other) => this.#refused(other));
    this.#refused(problem);
  }

  #refused(problem) {
    const faulty = (problem.errors ?? []).filter(({ pointer, detail }) => {
      const field = this.fields.find((each) => each.holds(pointer));
      field?.fault(detail);
      return field;
    });
    const first = this.fields.find(({ control }) => control.hasAttribute("aria-invalid"));
    if (!faulty.length) this.#tell(element("p", {}, explained(problem)));
    else announce(faulty.map(({ detail }) => detail).join(" "));
    (first?.control ?? this.#notice).focus();
  }

  async #conflict() {
    const [before, mine] = [this.#base, new Set(this.#dirty)];
    const now = await this.current();
    const theirs = this.fields.filter(
      ({ pointer }) => JSON.stringify(at(now, pointer)) !== JSON.stringify(at(before, pointer)),
    );
    this.rebase(now);
    // They changed something else: there is nothing to decide.
    if (!theirs.length) return this.#saved().then(() => this.say(this.done));
    const items = theirs.map((field) => this.#theirs(field, at(now, field.pointer), mine.has(field)));
    this.#tell(
      element(
        "p",
        {},
        "Somebody else has changed this meanwhile. What you wrote is not saved yet: look at it, and save again.",
      ),
      element("ul", {}, ...items),
    );
  }

  #theirs(field, value, contested) {
    const item = element("li", {}, `${field.label} is now ${quoted(value)}.`);
    if (!contested) return item;
    const take = ({ target }) => {
      field.value = value;
      field.control.focus();
      target.remove();
    };
    item.append(" ", button("Take theirs", take, { "aria-label": `Take theirs for ${field.label}` }));
    return item;
  }

  #tell(...nodes) {
    this.#notice.replaceChildren(...nodes);
    this.#notice.hidden = false;
    this.#notice.focus();
  }

  /** Says it beside the buttons. */
  say(text) {
    this.#status.textContent = text;
  }

  #clear() {
    this.#notice.hidden = true;
    for (const field of this.fields) field.fault("");
  }
}

function quoted(value) {
  if (value === null || value === "") return "empty";
  if (typeof value === "boolean") return value ? "on" : "off";
  const text = Array.isArray(value) ? value.join(", ") : String(value);
  return text.length > 200 ? `“${text.slice(0, 200)}…”` : `“${text}”`;
}
