import { announce } from "../shared/announcer.js";
import { button, element } from "../shared/elements.js";
import { Form } from "../shared/form.js";
import { secretNode } from "../shared/secret.js";
import { explained } from "../shared/words.js";

const ABOUT = "Besides your password you are asked for a code, which an authenticator app on your phone shows.";
const CODE = {
  pointer: "/code",
  label: "Code",
  hint: "The six digits that the app shows now.",
  attributes: { inputmode: "numeric", autocomplete: "one-time-code", maxlength: 7 },
};

/** Codes of an app as a second factor: begun, confirmed by the first code, renewed, removed. */
export class SecondFactor {
  #body = element("div", { class: "stack" });
  #error = element("p", { class: "error" });

  constructor(api) {
    this.api = api;
    this.node = element(
      "section",
      { class: "card stack", "aria-labelledby": "second-factor" },
      element("h2", { id: "second-factor", tabindex: -1 }, "Second factor"),
      this.#body,
      this.#error,
    );
    this.#showStart();
  }

  #show(...nodes) {
    this.#error.textContent = "";
    this.#body.replaceChildren(...nodes);
  }

  #showStart() {
    this.#show(
      element("p", { class: "quiet" }, ABOUT),
      element("div", { class: "buttons" }, button("Set up or change", () => this.#begin())),
    );
  }

  async #begin() {
    try {
      this.#showKey(await this.api.post("/auth/totp"));
    } catch (problem) {
      if (problem.code === "second_factor_on") return this.#showOn();
      this.#error.textContent = explained(problem);
      announce(this.#error.textContent);
    }
  }

  #showKey({ secret, uri }) {
    const form = new Form({
      anew: true,
      label: "Confirm the second factor",
      fields: [CODE],
      saveText: "Confirm",
      done: "",
      save: async () => {
        const { code } = form.values;
        this.#showCodes((await this.api.post("/auth/totp/confirm", { code })).recovery_codes);
      },
      more: [button("Cancel", () => (this.#showStart(), this.#focus()))],
    });
    const spaced = secret.match(/.{1,4}/g).join(" ");
    this.#show(
      element("p", {}, "Put this key into your authenticator app, as one that makes codes by time:"),
      secretNode("The key for your app", spaced),
      element("p", {}, element("a", { href: uri }, "Open the app on this device")),
      element("p", {}, "Then confirm with the first code:"),
      form.node,
    );
    form.fields[0].control.focus();
  }

  #showCodes(codes) {
    const done = () => (this.#showOn(), this.#focus());
    this.#show(
      element("p", {}, "The second factor is on. With each of these recovery codes you get in once without your phone."),
      element("p", {}, "Keep them where you find them when it is lost: they are shown this once."),
      secretNode("Recovery codes", codes.join("\n")),
      element("div", { class: "buttons" }, button("I have them", done, { class: "main" })),
    );
    this.#focus();
    announce("The second factor is on. Keep the recovery codes.");
  }

  #showOn() {
    const form = new Form({
      anew: true,
      label: "Change the second factor",
      fields: [
        {
          pointer: "/password",
          label: "Your password",
          hint: "So that it is you who changes this.",
          attributes: { type: "password", autocomplete: "current-password" },
        },
      ],
      saveText: "Make new recovery codes",
      done: "",
      save: async () => this.#showCodes((await this.api.post("/auth/totp/recovery-codes", form.values)).recovery_codes),
      more: [button("Remove the second factor", () => this.#remove(form), { class: "danger" })],
    });
    this.#show(element("p", {}, "It is on: when you sign in you are asked for a code."), form.node);
  }

  async #remove(form) {
    await form.attempt(async () => {
      await this.api.remove("/auth/totp", form.values);
      this.#showStart();
      this.#focus();
      announce("The second factor is removed.");
    });
  }

  #focus() {
    this.node.querySelector("h2").focus();
  }
}
