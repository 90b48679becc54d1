import { ask } from "../shared/api.js";
import { element } from "../shared/elements.js";
import { Form } from "../shared/form.js";
import { showNarrow } from "../shared/narrow_page.js";
import { offer } from "../shared/offer.js";
import { EMAIL, NEW_PASSWORD } from "../shared/sign_in.js";

export const NAME = {
  pointer: "/name",
  label: "Name",
  hint: "As others are to see it.",
  attributes: { autocomplete: "name" },
};
const REFUSALS = {
  invite: "Only whoever is invited can sign up here. Ask somebody who is here already, and open the link in the letter.",
  closed: "Nobody can sign up here. Ask who runs this instance.",
};

/** Has a letter sent to whoever wants to sign up. */
export function showSignUp() {
  const back = element("p", {}, "You have an account? ", element("a", { href: "/sign-in" }, "Sign in"));
  const refusal = offer.password ? REFUSALS[offer.signUp] : REFUSALS.closed;
  if (refusal) return showNarrow("Sign up", element("p", { class: "notice" }, refusal), back);
  const form = new Form({
    anew: true,
    label: "Sign up",
    fields: [NAME, EMAIL, NEW_PASSWORD],
    saveText: "Sign up",
    done: "",
    save: async () => showSent((await ask("POST", "/auth/signup", { body: form.values })).email),
  });
  showNarrow("Sign up", form.node, back);
}

function showSent(email) {
  showNarrow(
    "Look in your mail",
    element("p", {}, "A letter is on its way to ", element("strong", { dir: "auto" }, email), "."),
    element("p", {}, "Open the link in it within 48 hours, and you are in. If it does not come, look among the spam."),
    element("p", {}, element("a", { href: "/sign-up" }, "It was another address")),
  );
}
