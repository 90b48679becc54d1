import { element } from "../shared/elements.js";
import { Form } from "../shared/form.js";
import { Connectors } from "./connectors.js";
import { Services } from "./services.js";

const TONES = [
  ["professional", "Professional"],
  ["friendly", "Friendly"],
  ["casual", "Casual"],
  ["formal", "Formal"],
];
const TYPES = [
  ["business", "A business"],
  ["individual", "A person"],
];
const zones = () => Intl.supportedValuesOf("timeZone").map((zone) => element("option", { value: zone }));

const SECTIONS = [
  {
    title: "Business",
    fields: [
      { pointer: "/name", label: "Name", hint: "As you call it among yourselves." },
      { pointer: "/public_name", label: "Public name", hint: "What visitors see; the name when empty." },
      { pointer: "/subtitle", label: "Subtitle" },
      {
        pointer: "/description",
        label: "Description",
        kind: "area",
        hint: "What the assistant is told of the business.",
      },
      { pointer: "/business_type", label: "Stands for", kind: "select", options: TYPES },
      { pointer: "/language", label: "Language", hint: "A tag such as en or pt-BR." },
      { pointer: "/timezone", label: "Time zone", hint: "Such as Europe/Lisbon.", attributes: { list: "zones" } },
      { pointer: "/active", label: "Open to visitors", kind: "switch", hint: "When off, the chat page is not there." },
      {
        pointer: "/embed_origins",
        label: "Websites that may show the chat",
        kind: "lines",
        hint: "One address a line, such as https://example.com; any website when empty.",
      },
    ],
  },
  {
    title: "Assistant",
    fields: [
      { pointer: "/tone", label: "Tone", kind: "select", options: TONES },
      { pointer: "/assistant/greeting", label: "Greeting", kind: "area" },
      {
        pointer: "/assistant/suggested_questions",
        label: "Suggested questions",
        kind: "lines",
        hint: "One a line, ten at most.",
      },
      {
        pointer: "/assistant/instructions",
        label: "Instructions",
        kind: "area",
        hint: "How it is to answer, in your words.",
      },
      {
        pointer: "/assistant/model",
        label: "Model",
        hint: "One of the configured models; the first of them when empty.",
      },
    ],
  },
  {
    title: "Limits",
    fields: [
      {
        pointer: "/limits/tokens_per_day",
        label: "Tokens a day",
        kind: "number",
        hint: "Of all conversations; empty is without limit.",
      },
      {
        pointer: "/limits/tokens_per_conversation",
        label: "Tokens a conversation",
        kind: "number",
        hint: "Empty is without limit.",
      },
      {
        pointer: "/limits/tokens_per_visitor",
        label: "Tokens a visitor and day",
        kind: "number",
        hint: "Empty is without limit.",
      },
    ],
  },
  {
    title: "Retention",
    fields: [
      {
        pointer: "/retention/close_idle_days",
        label: "Close after days without a word",
        kind: "number",
        hint: "Empty never closes.",
      },
      {
        pointer: "/retention/erase_closed_days",
        label: "Erase so many days after closing",
        kind: "number",
        hint: "Empty keeps them for ever. What is erased is gone for good.",
      },
    ],
  },
  {
    title: "Time saved",
    fields: [
      { pointer: "/savings/minutes_per_answer", label: "Minutes for an answered question", kind: "number" },
      { pointer: "/savings/minutes_per_booking", label: "Minutes for a booking link", kind: "number" },
    ],
  },
];

/** The facts of the business, its services, and how to book them. */
export class BusinessView {
  title = "Business";

  constructor({ api, workspace }) {
    const save = (changes) => workspace.edit(changes);
    this.forms = SECTIONS.map((section) => new Form({ ...section, save, current: () => workspace.refresh() }));
    this.services = new Services(api, workspace);
    this.connectors = new Connectors(api, workspace);
    this.workspace = workspace;
    workspace.watch(() => this.#rebase());
    this.#rebase();
    const [business, assistant, ...others] = this.forms.map(({ node }) => node);
    const parts = [business, assistant, this.services.node, this.connectors.node, ...others];
    this.node = element(
      "div",
      { class: "page middle" },
      element("h1", {}, "Business"),
      element("datalist", { id: "zones" }, ...zones()),
      element("div", { class: "stack" }, ...parts),
    );
  }

  get dirty() {
    return this.forms.some((form) => form.dirty);
  }

  async open() {
    // What is being edited is left alone until it is saved: then it is told what others have changed.
    if (!this.dirty) await this.workspace.refresh();
    await Promise.all([this.services.load(), this.connectors.load()]);
  }

  #rebase() {
    for (const form of this.forms) form.rebase(this.workspace.view);
  }
}
