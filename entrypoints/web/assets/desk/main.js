import { Account } from "../shared/account.js";
import { confirmed } from "../shared/dialogs.js";
import { byId } from "../shared/elements.js";
import { Api } from "../shared/member_api.js";
import { hush } from "../shared/notices.js";
import { showSignIn } from "../shared/sign_in.js";
import { wearPreferred } from "../shared/theming.js";
import { explained } from "../shared/words.js";
import { Desk } from "./desk.js";
import { hideFirstSteps, offerFirstSteps } from "./first_steps.js";
import { Workspaces } from "./workspaces.js";

const ENDED = "You were signed out, as your token is not valid any more.";
const account = new Account();
let desk = null;
let workspaces = null;

byId("sign-out").addEventListener("click", () => signOut());
byId("workspaces").addEventListener("change", ({ target }) => change(target));
window.addEventListener("hashchange", () => follow());
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
  // Until the desk is open, whoever opens it says what is wrong with the token.
  const api = new Api({ token, refused: () => desk && leave(ENDED) });
  const found = await Workspaces.of(api);
  const workspace = await found.first(account.workspace, location.hash);
  workspaces = found;
  workspaces.list();
  show(api, workspace);
  wearPreferred(api).then((preferences) => desk?.api === api && offerFirstSteps(desk, preferences));
}

function show(api, workspace) {
  hush();
  desk?.close();
  account.workspace = workspace.view.id;
  workspaces.select(workspace.view.id);
  desk = new Desk(api, workspace);
  desk.open();
}

/** Goes to another workspace, unless something there is not saved and is to be. */
async function change(select) {
  const { api, workspace, dirty } = desk;
  const { value } = select;
  const { hash } = location;
  workspaces.select(workspace.view.id);
  const lost = "What you have not saved here is lost.";
  if (dirty && !(await confirmed("Go to the other workspace?", lost, "Go"))) return;
  try {
    const chosen = await workspaces.open(value);
    if (location.hash === hash) location.hash = "#/conversations"; // else they have gone on meanwhile
    show(api, chosen);
  } catch (problem) {
    desk?.tell(problem);
  }
  select.focus();
}

/** A link to a conversation of another workspace leads there. */
async function follow() {
  const here = desk;
  const id = here && (await workspaces.elsewhere(location.hash, here.workspace.view.id));
  if (!id || desk !== here) return;
  const there = await workspaces.open(id).catch((problem) => here.tell(problem));
  if (there && desk === here) show(here.api, there);
}

/** A session ends for good; a key stays as it is. */
async function signOut() {
  const { token } = account;
  leave();
  if (token?.startsWith("fd_session_")) {
    await new Api({ token, refused: () => {} }).post("/auth/logout").catch(() => {});
  }
}

/** Closes the desk; what is kept of the token is forgotten, too, unless the server could not be asked. */
function leave(text = "", forget = true) {
  desk?.close();
  desk = null;
  hideFirstSteps();
  if (forget) account.forget();
  hush();
  showSignIn(enter, text);
}

function told(problem) {
  return problem.status === 401 ? ENDED : explained(problem);
}
