import { announce } from "../shared/announcer.js";
import { ask } from "../shared/api.js";
import { button, element } from "../shared/elements.js";
import { Form } from "../shared/form.js";
import { Api } from "../shared/member_api.js";
import { showNarrow } from "../shared/narrow_page.js";
import { offer } from "../shared/offer.js";
import { KEEP, NEW_PASSWORD, fixedEmail, passwordForm, tokenForm } from "../shared/sign_in.js";
import { explained } from "../shared/words.js";
import { showExpired, showNoLink, way } from "./expired.js";
import { NAME } from "./sign_up.js";

const ASK_AGAIN =
  "It was used, taken back, or its seven days are over. Ask whoever invited you to send it again, and open the newest letter.";
const ARTICLES = { owner: "an owner", admin: "an admin", member: "a member", viewer: "a viewer" };

/** Has whoever was invited join: at once when they are signed in, else once they have signed in or up. */
export async function showAcceptInvite(token, account) {
  const page = new AcceptInvite(token, account);
  await page.open().catch((problem) => page.failed(problem));
}

class AcceptInvite {
  constructor(token, account) {
    Object.assign(this, { token, account, invite: null });
  }

  async open() {
    if (!this.token) return showNoLink();
    this.invite = await ask("POST", "/invites/look", { body: { token: this.token } });
    const user = await this.#user();
    if (user && user.email !== this.invite.email) return this.#showOther(user);
    if (user) return this.#showJoin();
    this.#showSignIn();
  }

  /** What cannot be tried again is said with a way out of it, all else with a button to try again. */
  failed(problem) {
    if (problem.status === 410) return showExpired(ASK_AGAIN, way("/sign-in", "Sign in"));
    if (problem.code === "already_member") return this.#showJoined();
    const again = () => showAcceptInvite(this.token, this.account);
    const text = problem.message && problem.status !== undefined ? explained(problem) : "Something went wrong.";
    showNarrow("This did not work", element("p", { class: "error" }, text), button("Try again", again, { class: "main" }));
    announce(text);
  }

  /** Who is signed in here; null when nobody is. */
  async #user() {
    if (!this.account.token) return null;
    return ask("GET", "/users/me", { token: this.account.token }).catch((problem) => {
      if (problem.status === 0 || problem.status >= 500) throw problem;
      return null; // a token of before, or a key that says nothing of its user
    });
  }

  get #invited() {
    const { workspace_name: workspace, role } = this.invite;
    const named = element("strong", { dir: "auto" }, workspace);
    return element("p", {}, "You are invited to join ", named, ` as ${ARTICLES[role] ?? role}.`);
  }

  #showJoin() {
    const form = new Form({
      anew: true,
      label: "Accept the invitation",
      fields: [],
      saveText: "Join",
      done: "",
      save: () => this.#join(),
    });
    const by = element("p", { class: "quiet", dir: "auto" }, `You are signed in as ${this.invite.email}.`);
    form.node.prepend(this.#invited, by);
    showNarrow("An invitation", form.node);
  }

  #showOther({ email, name }) {
    const leave = async () => {
      await new Api({ token: this.account.token, refused: () => {} }).post("/auth/logout").catch(() => {});
      this.account.forget();
      this.#showSignIn();
    };
    showNarrow(
      "An invitation for somebody else",
      this.#invited,
      element("p", { dir: "auto" }, `It was sent to ${this.invite.email}, and you are signed in as ${email ?? name}.`),
      button(`Sign out, and go on as ${this.invite.email}`, leave, { class: "main" }),
      way("/desk", "Stay who I am"),
    );
  }

  #showSignIn() {
    const { email, registered } = this.invite;
    const enter = (token, onDevice) => this.#enter(token, onDevice);
    if (!offer.password) return showNarrow("An invitation", this.#invited, tokenForm({ enter }).node);
    if (registered) {
      const form = passwordForm({ enter, email, saveText: "Sign in and join" });
      return showNarrow("An invitation", this.#invited, form.node, way("/forgot-password", "Forgot your password?"));
    }
    showNarrow("An invitation", this.#invited, this.#signUpForm(enter).node);
  }

  #signUpForm(enter) {
    const form = new Form({
      anew: true,
      label: "Sign up",
      fields: [fixedEmail(this.invite.email), NAME, NEW_PASSWORD, KEEP],
      saveText: "Sign up and join",
      done: "",
      save: async () => {
        const { keep, ...wished } = form.values;
        const body = { ...wished, invite: this.token };
        try {
          await enter((await ask("POST", "/auth/signup", { body })).token, keep);
        } catch (problem) {
          if (problem.code !== "email_taken") throw problem.status === 410 ? this.#gone(problem) : problem;
          this.invite.registered = true; // in another tab, or by another link
          this.#showSignIn();
        }
      },
    });
    return form;
  }

  /** Joins with this token; it is kept only if it is of a user who may. */
  async #enter(token, onDevice) {
    const user = await ask("GET", "/users/me", { token });
    this.account.keep(token, onDevice);
    if (user.email !== this.invite.email) return this.#showOther(user);
    await this.#join();
  }

  async #join() {
    const { token } = this.account;
    const joined = await ask("POST", "/invites/accept", { token, body: { token: this.token } }).catch((problem) =>
      this.failed(problem),
    );
    if (!joined) return;
    this.account.workspace = joined.id;
    location.replace("/desk");
  }

  #showJoined() {
    showNarrow("You are in already", element("p", {}, "You belong to this workspace."), way("/desk", "Go to the desk"));
  }

  #gone(problem) {
    showExpired(ASK_AGAIN, way("/sign-in", "Sign in"));
    return problem;
  }
}
