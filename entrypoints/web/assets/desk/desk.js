import { byId } from "../shared/elements.js";
import { tell } from "../shared/notices.js";
import { explained } from "../shared/words.js";
import { BusinessView } from "./business.js";
import { ConversationsView } from "./conversations.js";
import { KeysView } from "./keys.js";
import { KnowledgeView } from "./knowledge.js";
import { MembersView } from "./members.js";
import { ShareView } from "./share.js";
import { StatisticsView } from "./statistics.js";
import { UnansweredView } from "./unanswered.js";

const PATIENCE = 1_000; // milliseconds in which a connection may come back unmentioned
const VIEWS = {
  conversations: ConversationsView,
  unanswered: UnansweredView,
  knowledge: KnowledgeView,
  business: BusinessView,
  statistics: StatisticsView,
  share: ShareView,
  members: MembersView,
  keys: KeysView,
};

/**
 * The desk of a member: a view for each address `#/name`, which is kept, with what is being written in it, as long as
 * the desk is open.
 *
 * A view has a `title`, a `node`, and `open(rest)`, which is called each time it is shown, with what stands behind its
 * name in the address; it may have `close()`, `heard(event)` for activity, and `dirty`.
 */
export class Desk {
  #views = new Map();
  #shown = null;
  #closing = new AbortController();
  #missed = false;
  #timer = null;

  constructor(api, workspace) {
    Object.assign(this, { api, workspace });
    this.feed = api.follower(workspace.path("/activity/stream"), {
      taken: ({ data }) => this.#heard(data),
      connected: (connected) => this.#connected(connected),
      gone: (problem) => tell(explained(problem)),
    });
  }

  open() {
    const { signal } = this.#closing;
    window.addEventListener("hashchange", () => this.#route(), { signal });
    window.addEventListener("beforeunload", (event) => this.#mayLeave(event), { signal });
    this.workspace.watch(() => this.#named());
    this.#named();
    document.querySelector("a[href='#/keys']").parentElement.hidden = !this.workspace.managed;
    byId("bar").hidden = false;
    this.feed.run();
    this.#route();
  }

  close() {
    this.#closing.abort();
    this.feed.stop();
    clearTimeout(this.#timer);
    byId("connection").textContent = "";
    this.#shown?.close?.();
    byId("bar").hidden = true;
    byId("waiting").hidden = true;
    document.title = "Desk";
  }

  /** Whether something is written somewhere that is not saved. */
  get dirty() {
    return [...this.#views.values()].some((view) => view.dirty);
  }

  tell(problem) {
    tell(explained(problem));
  }

  /** How many conversations wait for a person. */
  waiting(number) {
    const badge = byId("waiting");
    badge.textContent = `${number} waiting`;
    badge.hidden = number === 0;
  }

  #named() {
    byId("business").textContent = this.workspace.view.public_name || this.workspace.view.name;
  }

  #route() {
    const [, name, rest = ""] = location.hash.split("/");
    if (!(name in VIEWS)) return location.replace("#/conversations");
    const view = this.#view(name);
    if (view !== this.#shown) this.#show(view, name);
    view.open(rest).catch((problem) => tell(explained(problem)));
  }

  #view(name) {
    if (!this.#views.has(name)) this.#views.set(name, new VIEWS[name](this));
    return this.#views.get(name);
  }

  #show(view, name) {
    const first = this.#shown === null;
    this.#shown?.close?.();
    this.#shown = view;
    byId("main").replaceChildren(view.node);
    document.title = `${view.title} – Desk`;
    for (const link of document.querySelectorAll("nav a")) {
      if (link.hash === `#/${name}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (!first || document.activeElement === document.body) byId("main").focus();
  }

  /** What may have been missed is asked for when the line is back. */
  #connected(connected) {
    clearTimeout(this.#timer);
    if (!connected) this.#timer = setTimeout(() => (byId("connection").textContent = "Reconnecting…"), PATIENCE);
    else byId("connection").textContent = "";
    if (connected && this.#missed) this.#route();
    this.#missed = !connected;
  }

  #heard(event) {
    for (const view of this.#views.values()) view.heard?.(event);
  }

  #mayLeave(event) {
    if (this.dirty) event.preventDefault();
  }
}
