import { element } from "../shared/elements.js";

let made = 0;

/*
 * A field is described by its `pointer` into the value that is edited, a `label`, a `hint`, what `kind` it is (text, area,
 * lines, number, switch, select, secret) and `attributes` of its control; a select has `options`, pairs of value and text.
 */
const KINDS = {
  text: { make: (attributes) => element("input", { type: "text", ...attributes }) },
  secret: { make: (attributes) => element("input", { type: "password", autocomplete: "off", ...attributes }) },
  area: { make: (attributes) => element("textarea", { rows: 4, ...attributes }) },
  lines: {
    make: (attributes) => element("textarea", { rows: 3, ...attributes }),
    read: ({ value }) =>
      value
        .split("\n")
        .map((line) => line.trim())
        .filter(Boolean),
    write: (control, value) => (control.value = value.join("\n")),
  },
  number: {
    make: (attributes) => element("input", { type: "number", min: 0, step: 1, ...attributes }),
    read: ({ value }) => (value === "" ? null : Number(value)),
  },
  switch: {
    make: (attributes) => element("input", { type: "checkbox", ...attributes }),
    read: ({ checked }) => checked,
    write: (control, value) => (control.checked = value),
  },
  select: { make: ({ options, ...attributes }) => element("select", attributes, ...options.map(option)) },
};

function option([value, text]) {
  return element("option", { value }, text);
}

/** A labelled control for one value. */
export class Field {
  #kind;
  #error;

  constructor({ pointer, label, hint = "", kind = "text", options, attributes = {} }) {
    made += 1;
    const id = `field-${made}`;
    Object.assign(this, { pointer, label, hint });
    this.#kind = KINDS[kind];
    const described = `${hint ? `${id}-hint ` : ""}${id}-error`;
    this.control = this.#kind.make({
      id,
      "aria-describedby": described,
      dir: kind === "select" ? null : "auto",
      options,
      ...attributes,
    });
    this.#error = element("p", { id: `${id}-error`, class: "error" });
    const name = element("label", { for: id }, label);
    const parts = kind === "switch" ? [element("div", { class: "check" }, this.control, name)] : [name, this.control];
    const help = hint ? [element("p", { id: `${id}-hint`, class: "quiet" }, hint)] : [];
    this.node = element("div", { class: "field" }, ...parts, ...help, this.#error);
  }

  get value() {
    return this.#kind.read ? this.#kind.read(this.control) : this.control.value;
  }

  set value(value) {
    if (this.#kind.write) this.#kind.write(this.control, value);
    else this.control.value = value ?? "";
  }

  /** Whether the control holds something else than this. */
  differs(value) {
    const empty = this.control.type === "number" ? null : "";
    // Controls break lines in one way only.
    const same = typeof value === "string" ? value.replace(/\r\n?/g, "\n") : (value ?? empty);
    return JSON.stringify(this.value) !== JSON.stringify(same);
  }

  /** Whether a fault at this place is one of this field. */
  holds(pointer) {
    return pointer === this.pointer || pointer.startsWith(`${this.pointer}/`);
  }

  /** Says what is wrong with the value; nothing when empty. */
  fault(text) {
    this.#error.textContent = text;
    if (text) this.control.setAttribute("aria-invalid", "true");
    else this.control.removeAttribute("aria-invalid");
  }
}

/** What stands at the JSON pointer. */
export function at(value, pointer) {
  return pointer
    .slice(1)
    .split("/")
    .reduce((part, name) => part?.[name], value);
}

/** Puts `part` at the JSON pointer of an object. */
export function put(object, pointer, part) {
  const names = pointer.slice(1).split("/");
  const last = names.pop();
  const inside = names.reduce((outer, name) => (outer[name] ??= {}), object);
  inside[last] = part;
}
