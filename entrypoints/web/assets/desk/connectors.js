import { confirmed, shown } from "../shared/dialogs.js";
import { button, element } from "../shared/elements.js";
import { Form } from "../shared/form.js";
import { tell } from "../shared/notices.js";
import { explained } from "../shared/words.js";

const TYPES = { calendly: "Calendly", square: "Square", agendapro: "AgendaPro", link: "Any page" };
const SECRETS = { calendly: "api_token", square: "access_token", agendapro: "api_key" };

/** The pages on which visitors book; the assistant hands the active one out. */
export class Connectors {
  #list = element("ul", { class: "rows" });

  constructor(api, workspace) {
    Object.assign(this, { api, workspace });
    this.node = element(
      "section",
      { class: "card stack", "aria-labelledby": "connectors" },
      element("h2", { id: "connectors" }, "Booking"),
      element("p", { class: "quiet" }, "The assistant gives visitors the address of the active booking page."),
      this.#list,
      button("Add a booking page", () => this.#add()),
    );
  }

  async load() {
    const found = await this.api.all(this.workspace.path("/connectors"));
    this.#list.replaceChildren(...found.map((connector) => this.#row(connector)));
    this.#list.hidden = !found.length;
  }

  #row({ id, type, config, active }) {
    const act = (text, work) =>
      button(text, () => this.#do(id, work), { class: "plain", "aria-label": `${text} ${config.url}` });
    const turn = active ? "deactivate" : "activate";
    return element(
      "li",
      { "data-id": id },
      element(
        "div",
        {},
        element("strong", {}, TYPES[type]),
        " ",
        ...(active ? [element("span", { class: "badge" }, "Active")] : []),
        element("p", { class: "quiet" }, config.url),
      ),
      element(
        "div",
        { class: "buttons" },
        act(active ? "Deactivate" : "Activate", () => this.api.post(`/connectors/${id}/${turn}`)),
        act("Remove", () => this.#remove(id, config.url)),
      ),
    );
  }

  async #do(id, work) {
    await work().catch((problem) => tell(explained(problem)));
    await this.load();
    (this.#list.querySelector(`[data-id="${id}"] button`) ?? this.node.querySelector(":scope > button")).focus();
  }

  async #remove(id, url) {
    const text = `${url} and its secret key are forgotten.`;
    if (await confirmed("Remove this booking page?", text, "Remove")) await this.api.remove(`/connectors/${id}`);
  }

  #add() {
    const form = new Form({
      anew: true,
      fields: [
        { pointer: "/type", label: "Where", kind: "select", options: Object.entries(TYPES) },
        { pointer: "/config/url", label: "Address", hint: "It begins with https://." },
        {
          pointer: "/secret",
          label: "Secret key",
          kind: "secret",
          hint: "Of its API, if you have one; none for any page.",
        },
        { pointer: "/active", label: "Active", kind: "switch", hint: "It takes over from the one that was." },
      ],
      save: async ({ type = "link", config = {}, secret, active = true }) => {
        const key = secret && SECRETS[type] ? { [SECRETS[type]]: secret } : {};
        await this.api.post(this.workspace.path("/connectors"), { type, config: { ...config, ...key }, active });
        dialog.close();
        await this.load();
      },
      more: [button("Cancel", () => dialog.close())],
    });
    form.rebase({ type: "link", config: { url: "" }, secret: "", active: true });
    const dialog = shown("A booking page", form.node);
    form.fields[0].control.focus();
  }
}
