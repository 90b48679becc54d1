import { announce } from "../shared/announcer.js";
import { button, byId, element } from "../shared/elements.js";

const PATIENCE = 1_000; // milliseconds in which a connection may come back unmentioned

/** What stands above the composer: a quiet line on how things are, and what needs the visitor's attention. */
export class Notices {
  #status = byId("status");
  #notice = byId("notice");
  #standing = "";
  #timer = null;
  #connected = true;

  constructor(composer) {
    this.composer = composer;
  }

  /** How things stand while nothing else is to be said. */
  standing(text) {
    if (text && text !== this.#standing) announce(text);
    this.#standing = text;
    this.#show();
  }

  /** This is no news any more, if it is what is said. */
  passed(text) {
    if (text === this.#standing) this.standing("");
  }

  connected(connected) {
    if (connected === this.#connected) return;
    this.#connected = connected;
    clearTimeout(this.#timer);
    if (connected) this.#show();
    else this.#timer = setTimeout(() => this.#show("Reconnecting…"), PATIENCE);
  }

  /** Says what is wrong, with a button to do something about it; `action` null has none. */
  tell(text, action = null, click = null) {
    const act = () => {
      this.clear();
      click();
    };
    const parts = [element("span", {}, text)];
    if (action) parts.push(button(action, act));
    parts.push(button("Dismiss", () => this.clear(), { class: "plain" }));
    this.#notice.replaceChildren(...parts);
    this.#notice.hidden = false;
    announce(text);
  }

  clear() {
    this.composer.takeAway(this.#notice);
  }

  #show(text = this.#standing) {
    this.#status.textContent = text;
    this.#status.hidden = !text;
  }
}
