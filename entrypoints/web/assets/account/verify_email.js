import { ask } from "../shared/api.js";
import { element } from "../shared/elements.js";
import { Form } from "../shared/form.js";
import { showNarrow } from "../shared/narrow_page.js";
import { offer } from "../shared/offer.js";
import { KEEP } from "../shared/sign_in.js";
import { showExpired, showNoLink, way } from "./expired.js";

/** Makes a user of whoever has the link. It takes a click, as some mail programs open links to look at them. */
export function showVerifyEmail(token, enter) {
  if (!token) return showNoLink();
  const form = new Form({
    anew: true,
    label: "Confirm your e-mail",
    fields: [KEEP],
    saveText: "Confirm",
    done: "",
    save: async () => {
      try {
        const session = await ask("POST", "/auth/email/verify", { body: { token } });
        enter(session.token, form.values.keep);
      } catch (problem) {
        if (problem.status !== 410) throw problem;
        expired("It was used already, or its time is over. If you have confirmed before, just sign in.");
      }
    },
  });
  showNarrow("Confirm your e-mail", element("p", {}, "One click, and your account is there."), form.node);
}

function expired(text) {
  showExpired(text, way("/sign-in", "Sign in"), ...(offer.signUp === "open" ? [way("/sign-up", "Sign up")] : []));
}
