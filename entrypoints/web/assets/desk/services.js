import { announce } from "../shared/announcer.js";
import { confirmed, shown } from "../shared/dialogs.js";
import { button, element } from "../shared/elements.js";
import { Form } from "../shared/form.js";
import { tell } from "../shared/notices.js";
import { explained } from "../shared/words.js";

const FORMATS = [
  ["in_person", "In person"],
  ["online", "Online"],
  ["phone", "By phone"],
];
const NEW = { name: "", description: "", format: "in_person", duration_minutes: null, price_from: null, active: true };
const FIELDS = [
  { pointer: "/name", label: "Name" },
  { pointer: "/description", label: "Description", kind: "area" },
  { pointer: "/format", label: "How", kind: "select", options: FORMATS },
  { pointer: "/duration_minutes", label: "Minutes", kind: "number", hint: "Empty when it depends." },
  { pointer: "/price_from/amount", label: "Price from", hint: "Such as 120.00; empty when it depends." },
  { pointer: "/price_from/currency", label: "Currency", hint: "Such as EUR." },
  { pointer: "/active", label: "Offered now", kind: "switch" },
];

/** What the business offers, in the order in which visitors see it. */
export class Services {
  #services = [];
  #list = element("ol", { class: "rows" });

  constructor(api, workspace) {
    Object.assign(this, { api, workspace });
    const add = button("Add a service", () => this.#edit(null));
    const heading = element("h2", { id: "services" }, "Services");
    this.node = element("section", { class: "card stack", "aria-labelledby": "services" }, heading, this.#list, add);
  }

  async load() {
    this.#show(await this.api.all(this.workspace.path("/services")));
  }

  #show(services) {
    this.#services = services;
    const rows = services.map((service, place) => this.#row(service, place));
    this.#list.replaceChildren(...rows);
    this.#list.hidden = !rows.length;
  }

  #row(service, place) {
    const { id, name } = service;
    const act = (text, label, click, more = {}) =>
      button(text, click, { "aria-label": `${label} ${name}`, class: "plain", ...more });
    const last = this.#services.length - 1;
    return element(
      "li",
      { "data-id": id },
      element("div", {}, element("strong", { dir: "auto" }, name), element("p", { class: "quiet" }, facts(service))),
      element(
        "div",
        { class: "buttons" },
        act("↑", "Move up", () => this.#move(place, -1), { disabled: place === 0, "data-act": "up" }),
        act("↓", "Move down", () => this.#move(place, 1), { disabled: place === last, "data-act": "down" }),
        act("Edit", "Edit", () => this.#edit(service)),
        act("Remove", "Remove", () => this.#remove(service)),
      ),
    );
  }

  async #move(place, by) {
    const ordered = [...this.#services];
    const [moved] = ordered.splice(place, 1);
    ordered.splice(place + by, 0, moved);
    try {
      const ids = ordered.map(({ id }) => id);
      const page = await this.api.put(this.workspace.path("/services/order"), { ids });
      this.#show(page.items.length === ids.length ? page.items : ordered);
    } catch (problem) {
      tell(explained(problem));
      return this.load();
    }
    announce(`${moved.name} is number ${place + by + 1} now.`);
    const row = this.#list.querySelector(`[data-id="${moved.id}"]`);
    const [wished, other] = by < 0 ? ["up", "down"] : ["down", "up"];
    (row.querySelector(`[data-act=${wished}]:enabled`) ?? row.querySelector(`[data-act=${other}]`)).focus();
  }

  #edit(service) {
    const form = new Form({
      anew: !service,
      fields: FIELDS,
      save: async (changes) => {
        const body = { ...changes, ...price(form) };
        if (service) await this.api.patch(`/services/${service.id}`, body, service.version);
        else await this.api.post(this.workspace.path("/services"), { ...body, name: body.name ?? "" });
        dialog.close();
        await this.load();
      },
      current: service && (async () => (service = await this.api.get(`/services/${service.id}`))),
      more: [button("Cancel", () => dialog.close())],
    });
    form.rebase(service ?? NEW);
    const dialog = shown(service ? `Edit ${service.name}` : "A new service", form.node);
    form.fields[0].control.focus();
  }

  async #remove({ id, name }) {
    if (!(await confirmed(`Remove ${name}?`, "The assistant does not offer it any more.", "Remove"))) return;
    await this.api.remove(`/services/${id}`).catch((problem) => tell(explained(problem)));
    await this.load();
  }
}

/** The price goes whole, or not at all. */
function price({ changes, fields }) {
  if (!("price_from" in changes)) return {};
  const [amount, currency] = ["amount", "currency"].map((name) =>
    fields.find(({ pointer }) => pointer.endsWith(`/${name}`)).value.trim(),
  );
  return { price_from: amount ? { amount, currency } : null };
}

function facts({ description, format, duration_minutes: minutes, price_from: from, active }) {
  const parts = [
    FORMATS.find(([value]) => value === format)[1],
    minutes && `${minutes} minutes`,
    from && `from ${from.amount} ${from.currency}`,
    !active && "not offered now",
    description,
  ];
  return parts.filter(Boolean).join(" · ");
}
