import { Account } from "../shared/account.js";
import { showSignIn } from "../shared/sign_in.js";
import { showAcceptInvite } from "./accept_invite.js";
import { showForgotPassword } from "./forgot_password.js";
import { tokenOfLink } from "./link.js";
import { showResetPassword } from "./reset_password.js";
import { showSignUp } from "./sign_up.js";
import { showVerifyEmail } from "./verify_email.js";

const account = new Account();
const token = tokenOfLink();

/** Whoever is signed in now goes to work; the page that led here holds what opens nothing a second time. */
function enter(session, onDevice) {
  account.keep(session, onDevice);
  location.replace("/desk");
}

const PAGES = {
  "/sign-in": () => (account.token ? location.replace("/desk") : showSignIn(enter)),
  "/sign-up": () => showSignUp(),
  "/forgot-password": () => showForgotPassword(),
  "/reset-password": () => showResetPassword(token, enter),
  "/verify-email": () => showVerifyEmail(token, enter),
  "/accept-invite": () => showAcceptInvite(token, account),
};

PAGES[location.pathname.replace(/\/+$/, "")]();
