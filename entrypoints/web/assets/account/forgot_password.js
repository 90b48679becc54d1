import { Problem, ask } from "../shared/api.js";
import { element } from "../shared/elements.js";
import { Form } from "../shared/form.js";
import { showNarrow } from "../shared/narrow_page.js";
import { EMAIL } from "../shared/sign_in.js";

/** Has a link sent that sets a new password. */
export function showForgotPassword() {
  const form = new Form({
    anew: true,
    label: "Forgot your password?",
    fields: [EMAIL],
    saveText: "Send a link",
    done: "",
    save: async () => {
      const email = form.values.email.trim();
      // The answer is the same whatever it is, so that it tells nobody who signs in here.
      if (!/^\S+@\S+$/.test(email)) throw mistyped();
      await ask("POST", "/auth/password/forgot", { body: { email } });
      showSent(email);
    },
  });
  showNarrow(
    "Forgot your password?",
    element("p", {}, "You get a letter with a link that sets a new one."),
    form.node,
    element("p", {}, element("a", { href: "/sign-in" }, "Back to signing in")),
  );
}

function mistyped() {
  return new Problem({ status: 422, code: "bad_email", detail: "This is no e-mail address." }).at("/email");
}

function showSent(email) {
  showNarrow(
    "Look in your mail",
    element("p", {}, "If somebody signs in here with ", element("strong", { dir: "auto" }, email), ", a letter is on its way."),
    element("p", {}, "Its link works once, within 48 hours. If the letter does not come, look among the spam."),
    element("p", {}, element("a", { href: "/forgot-password" }, "It was another address")),
  );
}
