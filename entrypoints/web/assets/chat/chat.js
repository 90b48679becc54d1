import { announce } from "../shared/announcer.js";
import { button, byId, element } from "../shared/elements.js";
import { backOff, wait } from "../shared/waits.js";
import { Composer } from "./composer.js";
import { Incoming } from "./incoming.js";
import { Notices } from "./notices.js";
import { Outbox } from "./outbox.js";
import { Session } from "./session.js";
import { Thread } from "./thread.js";
import { explained } from "./words.js";

const BACK = "The assistant is back.";
const START_ANEW = "Start a new conversation";
const joined = (name, business) => `${name}${name === business ? "" : ` from ${business}`} has joined.`;

/** The chat with a workspace: what a visitor does, and what comes of it. */
export class Chat {
  #cursor = null;
  #follower = null;
  #state = null; // how the conversation stands, as the stream told last
  #workspace = { greeting: "", suggested_questions: [] };

  constructor(handle, language) {
    this.session = new Session(handle);
    this.outbox = new Outbox(this.session);
    this.composer = new Composer({ send: (content) => this.send(content), stop: () => this.#stop() });
    this.notices = new Notices(this.composer);
    this.thread = new Thread({ language, rate: (id, value) => this.#rate(id, value) });
    this.incoming = new Incoming({
      session: this.session,
      thread: this.thread,
      catchUp: () => this.#catchUp(false),
      busy: (busy) => this.composer.busy(busy),
      stands: (state) => this.#show(state),
      retry: (question) => this.send(question),
    });
    byId("ask-person").addEventListener("click", () => this.#askPerson());
  }

  /** Shows the greeting, and the conversation there was. */
  async open() {
    this.#workspace = await this.#patiently(() => this.session.workspace());
    byId("subtitle").textContent = this.#workspace.subtitle;
    this.#greet();
    if (this.session.started) await this.#resume();
    for (const entry of this.outbox.left()) this.#deliver(entry);
  }

  send(content) {
    this.composer.focus();
    this.#deliver(this.outbox.add(content));
  }

  /** Erases the conversation on the server, and here. Throws a Problem when that cannot be. */
  async erase() {
    await this.session.erase().catch((problem) => {
      if (!problem.gone) throw problem;
    });
    this.#startAnew();
    announce("Your conversation was deleted.");
  }

  async #resume() {
    try {
      await this.#patiently(() => this.#catchUp(true));
    } catch {
      this.session.forget();
      return this.#gone();
    }
    this.incoming.resume();
    this.#follow();
  }

  async #deliver(entry, said = this.thread.say(entry.content)) {
    this.composer.takeAway(byId("questions"));
    this.notices.passed(BACK);
    said.sending("Sending…");
    let posted;
    try {
      posted = await this.outbox.send(entry, (problem) => said.sending(`${explained(problem)} Trying again…`));
    } catch (problem) {
      return this.#notSent(entry, said, problem);
    }
    said.at(new Date(posted.message.created_at));
    this.thread.identify(posted.message.id, said);
    if (posted.run) this.incoming.expect(posted.run);
    this.#follow();
  }

  #notSent(entry, said, problem) {
    const ended = problem.code === "conversation_closed" || (problem.gone && this.session.started);
    const again = () => this.composer.focus();
    let text = explained(problem);
    if (ended) {
      text = problem.gone ? "This conversation was deleted." : "This conversation is closed.";
      said.failed(text, START_ANEW, () => this.#startAnew(entry));
    } else if (problem.passing || problem.status === 409) {
      said.failed(text, "Try again", () => (again(), this.#deliver(entry, said)));
    } else {
      this.outbox.remove(entry);
      said.failed(text, "Edit", () => (said.node.remove(), this.composer.giveBack(entry.content)));
    }
    announce(`Not sent. ${text}`);
  }

  #follow() {
    if (this.#follower) return;
    const follower = this.session.follower({
      taken: (event) => this.incoming.take(event, follower),
      connected: (connected) => this.notices.connected(connected),
      gone: () => this.#gone(),
    });
    this.#follower = follower;
    follower.run();
  }

  /** Shows the messages that are not shown yet. */
  async #catchUp(heard) {
    const { items, cursor } = await this.session.messages(this.#cursor);
    this.#cursor = cursor;
    for (const message of items) {
      if (message.role === "assistant" && message.blanked_at === null) this.incoming.kept(message, heard);
      else this.thread.show(message);
    }
    this.thread.arrange(items.map((message) => message.id));
    if (items.length) byId("questions").hidden = true;
  }

  /** How the conversation stands, as the stream tells whenever that changes. */
  #show(state) {
    const person = state.handled_by === "human";
    const back = this.#state?.handled_by === "human" && !person;
    this.#state = state;
    const standing = {
      closed: state.status !== "open" && "This conversation is closed.",
      human: person && joined(state.handler.name, this.#workspace.public_name),
      waiting: state.waiting && "A person was asked to join, and will answer here.",
    };
    const text = Object.values(standing).find(Boolean);
    this.notices.standing(text ?? (back ? BACK : ""));
    byId("erase").hidden = false;
    if (text) this.composer.takeAway(byId("ask-person"));
    else byId("ask-person").hidden = false;
  }

  async #askPerson() {
    try {
      await this.session.askPerson(); // The stream tells what came of it.
    } catch (problem) {
      this.notices.tell(explained(problem));
    }
  }

  async #stop() {
    try {
      await this.session.cancel(this.incoming.run);
    } catch (problem) {
      this.composer.busy(true);
      this.notices.tell(explained(problem));
    }
  }

  async #rate(messageId, value) {
    try {
      await this.session.rate(messageId, value);
      announce("Thank you.");
      return true;
    } catch (problem) {
      this.notices.tell(explained(problem));
      return false;
    }
  }

  #gone() {
    this.#leave();
    this.notices.tell("This conversation was deleted.", START_ANEW, () => this.#startAnew());
  }

  /** The conversation is over here; what was said of it stays on the screen. */
  #leave() {
    this.#follower?.stop();
    this.#follower = null;
    this.#cursor = null;
    this.#state = null;
    this.session.leave();
    this.incoming.clear();
    this.notices.connected(true);
    this.notices.standing("");
    for (const id of ["ask-person", "erase"]) this.composer.takeAway(byId(id));
  }

  #startAnew(entry = null) {
    this.session.forget();
    this.#leave();
    this.notices.clear();
    this.thread.clear();
    this.outbox.clear();
    this.#greet();
    this.composer.focus();
    if (entry) this.send(entry.content);
  }

  #greet() {
    const { greeting, suggested_questions: questions } = this.#workspace;
    if (greeting) this.thread.greet(greeting);
    const items = questions.map((question) =>
      element("li", {}, button(question, () => this.send(question), { dir: "auto", lang: this.thread.language })),
    );
    byId("questions").replaceChildren(...items);
    byId("questions").hidden = !items.length;
  }

  /** What `asking` resolves to, however long the server cannot be reached. Throws a Problem that will not pass. */
  async #patiently(asking) {
    for (let tries = 0; ; tries += 1) {
      try {
        const answer = await asking();
        this.notices.connected(true);
        return answer;
      } catch (problem) {
        if (!problem.passing) throw problem;
        this.notices.connected(false);
        await wait(backOff(tries, problem.retryAfter));
      }
    }
  }
}
