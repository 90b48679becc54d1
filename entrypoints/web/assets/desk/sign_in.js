import { announce } from "../shared/announcer.js";
import { byId, element } from "../shared/elements.js";
import { explained } from "./words.js";

/** Asks for the token; `enter(token, onDevice)` tries it and throws a Problem when it is not taken. */
export function showSignIn(enter, told = "") {
  const token = element("input", {
    id: "token",
    type: "password",
    required: true,
    autocomplete: "current-password",
    spellcheck: "false",
    "aria-describedby": "token-hint token-error",
  });
  const keep = element("input", { id: "keep", type: "checkbox" });
  const error = element("p", { id: "token-error", class: "error" }, told);
  const submit = element("button", { class: "main", type: "submit" }, "Sign in");
  const refuse = (text) => {
    error.textContent = text;
    token.setAttribute("aria-invalid", "true");
    token.focus();
    announce(text);
  };
  const signIn = async (event) => {
    event.preventDefault();
    submit.disabled = true;
    try {
      await enter(token.value.trim(), keep.checked);
    } catch (problem) {
      refuse(problem.status === 401 ? "This token is not valid." : explained(problem));
    } finally {
      submit.disabled = false;
    }
  };
  const form = element(
    "form",
    { class: "card stack", submit: signIn },
    element("label", { for: "token" }, "Token"),
    token,
    element("p", { id: "token-hint", class: "quiet" }, "It is in the file owner-token of the server’s data directory."),
    error,
    element("label", { class: "check" }, keep, "Keep me signed in on this device"),
    submit,
  );
  byId("main").replaceChildren(element("div", { class: "page narrow" }, element("h1", {}, "Sign in"), form));
  if (told) announce(told);
  token.focus();
}
