import { byId } from "../shared/elements.js";
import { Account } from "./account.js";
import { Api } from "./api.js";
import { Desk } from "./desk.js";
import { hush } from "./notices.js";
import { showSignIn } from "./sign_in.js";
import { explained } from "./words.js";
import { Workspace } from "./workspace.js";

const account = new Account();
let desk = null;

byId("sign-out").addEventListener("click", () => leave());
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
if (account.token) open(account.token).catch((problem) => leave(told(problem), problem.status === 401));
else showSignIn(enter);

async function enter(token, onDevice) {
  await open(token);
  account.keep(token, onDevice);
}

async function open(token) {
  const api = new Api({ token, refused: () => leave("You were signed out, as your token is not valid any more.") });
  const workspace = await Workspace.of(api);
  hush();
  desk = new Desk(api, workspace);
  desk.open();
}

/** Closes the desk; what is kept of the token is forgotten, too, unless the server could not be asked. */
function leave(text = "", forget = true) {
  desk?.close();
  desk = null;
  if (forget) account.forget();
  hush();
  showSignIn(enter, text);
}

function told(problem) {
  return problem.status === 401 ? "You were signed out, as your token is not valid any more." : explained(problem);
}
