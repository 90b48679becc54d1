import { byId, element } from "../shared/elements.js";
import { offer } from "../shared/offer.js";
import { About } from "./about.js";
import { Export } from "./export.js";
import { Password } from "./password.js";
import { Picture } from "./picture.js";
import { Preferences } from "./preferences.js";
import { Removal } from "./removal.js";
import { SecondFactor } from "./second_factor.js";
import { Sessions } from "./sessions.js";

/** What somebody says of themselves, how they want to be treated, and how they sign in. */
export class Profile {
  constructor(api, me, leave) {
    this.me = me;
    this.about = new About(me);
    this.preferences = new Preferences(me);
    this.sessions = new Sessions(api, leave);
    const sections = [this.about, new Picture(api, me), this.preferences];
    if (offer.password) sections.push(new Password(api, me, this.sessions), new SecondFactor(api));
    this.export = new Export(api);
    sections.push(this.sessions, this.export, new Removal(api, me, leave));
    this.node = element(
      "div",
      { class: "page middle" },
      element("h1", {}, "Profile"),
      element("div", { class: "stack" }, ...sections.map(({ node }) => node)),
    );
    me.watch(() => this.#named());
  }

  get dirty() {
    return this.about.dirty || this.preferences.dirty;
  }

  open() {
    this.#named();
    byId("bar").hidden = false;
    byId("main").replaceChildren(this.node);
    document.title = "Profile – Flightdeck";
    byId("main").focus();
    this.sessions.load();
    this.export.load();
    this.jump();
  }

  /** Letters lead to `#mail`. */
  jump() {
    const section = location.hash && document.getElementById(location.hash.slice(1));
    if (!section) return;
    section.scrollIntoView();
    section.focus();
  }

  #named() {
    const { preferred_name: preferred, name, email } = this.me.user;
    byId("who").textContent = preferred || name || email || "You";
  }
}
