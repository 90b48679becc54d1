import { announce } from "./announcer.js";
import { ask } from "./api.js";
import { element } from "./elements.js";
import { Form } from "./form.js";
import { showNarrow } from "./narrow_page.js";
import { offer } from "./offer.js";

const NEEDS_CODE = new Set(["code_required", "bad_code"]);

export const EMAIL = {
  pointer: "/email",
  label: "E-mail",
  attributes: { type: "email", autocomplete: "username", spellcheck: "false", autocapitalize: "none" },
};
export const PASSWORD = {
  pointer: "/password",
  label: "Password",
  attributes: { type: "password", autocomplete: "current-password" },
};
export const NEW_PASSWORD = {
  pointer: "/password",
  label: "Password",
  hint: "10 characters or more.",
  attributes: { type: "password", autocomplete: "new-password" },
};
export const CODE = {
  pointer: "/code",
  label: "Code",
  hint: "Of your authenticator app, or a recovery code.",
  attributes: { autocomplete: "one-time-code", spellcheck: "false", autocapitalize: "none" },
};
export const KEEP = { pointer: "/keep", label: "Keep me signed in on this device", kind: "switch" };

/** The e-mail field, filled in for good. */
export function fixedEmail(email) {
  return { ...EMAIL, attributes: { ...EMAIL.attributes, value: email, readonly: true } };
}

/**
 * Asks for e-mail and password, and for a code where one is needed; `enter(token, onDevice)` is given the session's
 * token, and throws a Problem when it is not taken. An `email` is filled in, and stays.
 */
export function passwordForm({ enter, email = null, saveText = "Sign in" }) {
  const form = new Form({
    anew: true,
    label: "Sign in with a password",
    fields: [email ? fixedEmail(email) : EMAIL, PASSWORD, CODE, KEEP],
    saveText,
    done: "",
    save: async () => {
      const { keep, code, ...known } = form.values;
      const body = { ...known, ...(code && { code }) };
      const { token } = await signedIn(form, () => ask("POST", "/auth/login", { body }));
      await enter(token, keep);
    },
  });
  form.field("/code").node.hidden = true;
  return form;
}

/** What `work` brings; when the second factor is missing or wrong, the form's field for its code is shown. */
export async function signedIn(form, work) {
  try {
    return await work();
  } catch (problem) {
    if (problem.code === "bad_credentials") throw problem.at("/password");
    if (!NEEDS_CODE.has(problem.code)) throw problem;
    const { node } = form.field("/code");
    const asked = node.hidden && problem.code === "code_required";
    node.hidden = false;
    if (asked) problem.message = "Now the code of your authenticator app, or a recovery code.";
    throw problem.at("/code");
  }
}

/** Asks for a token; `enter` is as that of `passwordForm`. */
export function tokenForm({ enter }) {
  const form = new Form({
    anew: true,
    label: "Sign in with a token",
    fields: [
      {
        pointer: "/token",
        label: "Token",
        hint: "An API key. The owner’s first one is in the file owner-token of the server’s data directory.",
        attributes: { type: "password", autocomplete: "off", spellcheck: "false" },
      },
      KEEP,
    ],
    saveText: "Sign in",
    done: "",
    save: async () => {
      const { token, keep } = form.values;
      await enter(token.trim(), keep).catch((problem) => {
        if (problem.status === 401) problem.message = "This token is not valid.";
        throw problem.status === 401 ? problem.at("/token") : problem;
      });
    },
  });
  return form;
}

/** A page that asks who somebody is, in the ways there are; `told` says why. */
export function showSignIn(enter, told = "") {
  const notice = told ? [element("p", { class: "notice" }, told)] : [];
  const { node: byToken } = tokenForm({ enter });
  if (offer.password) {
    const other = element("details", {}, element("summary", {}, "Sign in with a token"), byToken);
    showNarrow("Sign in", ...notice, passwordForm({ enter }).node, elsewhere(), other);
  } else showNarrow("Sign in", ...notice, byToken);
  if (told) announce(told);
}

function elsewhere() {
  const forgot = element("a", { href: "/forgot-password" }, "Forgot your password?");
  const signUp = offer.signUp === "open" ? [element("a", { href: "/sign-up" }, "Sign up")] : [];
  return element("p", { class: "line" }, forgot, ...signUp);
}
