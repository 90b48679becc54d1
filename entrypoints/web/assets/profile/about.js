import { element } from "../shared/elements.js";
import { Form } from "../shared/form.js";

const zones = () => Intl.supportedValuesOf("timeZone").map((zone) => element("option", { value: zone }));
const FIELDS = [
  {
    pointer: "/email",
    label: "E-mail",
    hint: "You sign in with it, and letters go to it.",
    attributes: { readonly: true, autocomplete: "off" },
  },
  { pointer: "/name", label: "Name", hint: "As others see it.", attributes: { autocomplete: "name" } },
  { pointer: "/preferred_name", label: "What to call you", attributes: { autocomplete: "nickname" } },
  { pointer: "/pronouns", label: "Pronouns" },
  {
    pointer: "/timezone",
    label: "Time zone",
    hint: "Such as Europe/Lisbon. Your working hours are in it.",
    attributes: { list: "zones" },
  },
  { pointer: "/bio", label: "A few words about you", kind: "area" },
  { pointer: "/phone", label: "Phone", attributes: { type: "tel", autocomplete: "tel" } },
  { pointer: "/website", label: "Website", hint: "It begins with https://.", attributes: { autocomplete: "url" } },
  { pointer: "/business_name", label: "Business", attributes: { autocomplete: "organization" } },
  { pointer: "/tagline", label: "Tagline" },
  {
    pointer: "/social_links",
    label: "Elsewhere",
    kind: "pairs",
    hint: "One a line, such as mastodon: https://example.social/@you.",
  },
];

/** What others see of somebody, and what they keep for themselves. */
export class About {
  constructor(me) {
    this.form = new Form({
      title: "About you",
      fields: FIELDS,
      save: (changes) => me.edit(changes),
      current: () => me.refresh(),
    });
    this.form.rebase(me.user);
    this.form.node.append(element("datalist", { id: "zones" }, ...zones()));
    this.node = this.form.node;
  }

  get dirty() {
    return this.form.dirty;
  }
}
