import { Account } from "../shared/account.js";
import { byId } from "../shared/elements.js";
import { Api } from "../shared/member_api.js";
import { hush } from "../shared/notices.js";
import { showSignIn } from "../shared/sign_in.js";
import { wear } from "../shared/theming.js";
import { explained } from "../shared/words.js";
import { Me } from "./me.js";
import { Profile } from "./profile.js";

const ENDED = "You were signed out, as your token is not valid any more.";
const account = new Account();
let profile = null;

byId("sign-out").addEventListener("click", () => signOut());
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
window.addEventListener("hashchange", () => profile?.jump());
window.addEventListener("beforeunload", (event) => profile?.dirty && event.preventDefault());
if (account.token) {
  open(account.token).catch((problem) => leave(problem.status === 401 ? ENDED : explained(problem), problem.status === 401));
} else showSignIn(enter);

async function enter(token, onDevice) {
  await open(token);
  account.keep(token, onDevice);
}

async function open(token) {
  const api = new Api({ token, refused: () => profile && leave(ENDED) });
  const me = await Me.of(api);
  hush();
  wear(me.preferences.theme);
  profile = new Profile(api, me, leave);
  profile.open();
}

/** A session ends for good; a key stays as it is. */
async function signOut() {
  const { token } = account;
  leave();
  if (token?.startsWith("fd_session_")) {
    await new Api({ token, refused: () => {} }).post("/auth/logout").catch(() => {});
  }
}

/** Closes the profile; what is kept of the token is forgotten, too, unless the server could not be asked. */
function leave(text = "", forget = true) {
  profile = null;
  byId("bar").hidden = true;
  if (forget) account.forget();
  hush();
  showSignIn(enter, text);
}
