import { ask } from "../shared/api.js";
import { element } from "../shared/elements.js";
import { Form } from "../shared/form.js";
import { showNarrow } from "../shared/narrow_page.js";
import { CODE, KEEP, NEW_PASSWORD, signedIn } from "../shared/sign_in.js";
import { showExpired, showNoLink, way } from "./expired.js";

/** Sets the password of whoever has the link, and signs them in. */
export function showResetPassword(token, enter) {
  if (!token) return showNoLink(way("/forgot-password", "Get a new link"));
  const form = new Form({
    anew: true,
    label: "Set a password",
    fields: [{ ...NEW_PASSWORD, label: "New password" }, CODE, KEEP],
    saveText: "Set the password",
    done: "",
    save: async () => {
      const { keep, code, password } = form.values;
      const body = { token, password, ...(code && { code }) };
      try {
        const session = await signedIn(form, () => ask("POST", "/auth/password/reset", { body }));
        enter(session.token, keep);
      } catch (problem) {
        if (problem.status !== 410) throw problem;
        expired("It was used, its time is over, or a newer one was sent.");
      }
    },
  });
  form.field("/code").node.hidden = true;
  showNarrow("Set a password", element("p", {}, "You are signed out wherever you are signed in now."), form.node);
}

function expired(text) {
  showExpired(text, way("/forgot-password", "Get a new link"), way("/sign-in", "Sign in"));
}
