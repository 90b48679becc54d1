import { element } from "./elements.js";

let made = 0;

/*
 * A field is described by its `pointer` into the value that is edited, a `label`, a `hint`, what `kind` it is (text, area,
 * lines, pairs, number, switch, select, choices, secret) and `attributes` of its control; a select and choices have
 * `options`, pairs of value and text. Pairs are an object, a line `name: value` for each.
 */
const KINDS = {
  text: { make: (attributes) => element("input", { type: "text", ...attributes }) },
  secret: { make: (attributes) => element("input", { type: "password", autocomplete: "off", ...attributes }) },
  area: { make: (attributes) => element("textarea", { rows: 4, ...attributes }) },
  lines: {
    make: (attributes) => element("textarea", { rows: 3, ...attributes }),
    read: ({ value }) => linesOf(value),
    write: (control, value) => (control.value = value.join("\n")),
    none: [],
  },
  pairs: {
    make: (attributes) => element("textarea", { rows: 3, ...attributes }),
    read: ({ value }) => Object.fromEntries(linesOf(value).map(pair)),
    write: (control, value) => (control.value = Object.entries(value).map((each) => each.join(": ")).join("\n")),
    none: {},
  },
  number: {
    make: (attributes) => element("input", { type: "number", min: 0, step: 1, ...attributes }),
    read: ({ value }) => (value === "" ? null : Number(value)),
  },
  switch: {
    make: (attributes) => element("input", { type: "checkbox", ...attributes }),
    read: ({ checked }) => checked,
    write: (control, value) => (control.checked = value),
    none: false,
  },
  select: { make: ({ options, ...attributes }) => element("select", attributes, ...options.map(option)) },
  choices: {
    make: ({ options, ...attributes }) =>
      element("div", { role: "group", class: "choices", tabindex: -1, ...attributes }, ...options.map(choice)),
    read: (control) => [...control.querySelectorAll(":checked")].map(({ value }) => value),
    write: (control, value) => {
      for (const box of control.querySelectorAll("input")) box.checked = value.map(String).includes(box.value);
    },
    none: [],
  },
};

function linesOf(text) {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter(Boolean);
}

function pair(line) {
  const [, name, value] = /^([^:]*?)\s*:\s*(.*)$/.exec(line) ?? [null, line, ""];
  return [name, value];
}

function choice([value, text]) {
  return element("label", { class: "check" }, element("input", { type: "checkbox", value }), text);
}

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
      dir: kind === "select" || kind === "choices" ? null : "auto",
      options,
      ...attributes,
    });
    this.#error = element("p", { id: `${id}-error`, class: "error" });
    const several = kind === "choices"; // a group has a name, and no label that leads to it
    const name = element(several ? "p" : "label", several ? { id: `${id}-name`, class: "label" } : { for: id }, label);
    if (several) this.control.setAttribute("aria-labelledby", `${id}-name`);
    const parts = kind === "switch" ? [element("div", { class: "check" }, this.control, name)] : [name, this.control];
    const help = hint ? [element("p", { id: `${id}-hint`, class: "quiet" }, hint)] : [];
    this.node = element("div", { class: "field" }, ...parts, ...help, this.#error);
  }

  /** What it holds when nothing was put in. */
  get none() {
    return this.#kind.none ?? "";
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
