import { announce } from "../shared/announcer.js";
import { confirmed } from "../shared/dialogs.js";
import { button, element } from "../shared/elements.js";
import { hush, tell } from "../shared/notices.js";
import { Tail } from "../shared/tail.js";
import { explained } from "../shared/words.js";
import { More } from "./more.js";
import { ReplyBox } from "./reply_box.js";
import { Transcript } from "./transcript.js";
import { channelName, standing, visitorName } from "./words.js";

/** A conversation as a member sees it: both sides live, and what a member can do about it. */
export class Conversation {
  #path;
  #view = null;
  #follower = null;
  #missed = false;
  #tail;
  #title = element("h2", { tabindex: -1, dir: "auto" }, "…");
  #standing = element("p", { class: "quiet", role: "status" });
  #actions = element("div", { class: "buttons" });
  #log = element("div", { class: "log", tabindex: 0, role: "region", "aria-label": "What was said" });

  constructor({ api }, id, left) {
    Object.assign(this, { api, id, left });
    this.#path = `/conversations/${id}`;
    this.transcript = new Transcript({ blank: (message) => this.#blank(message), retry: (run) => this.#retry(run) });
    this.reply = new ReplyBox((content, key) => this.#say(content, key));
    this.more = new More({
      tag: (tags) => this.#edit({ tags }),
      save: (format, suffix) => this.#save(format, `conversation-${id}.${suffix}`),
      erase: () => this.#erase(),
    });
    this.#log.append(this.transcript.node);
    this.#tail = new Tail(this.#log, this.transcript.node);
    this.node = element(
      "article",
      { class: "conversation" },
      element(
        "header",
        { class: "top" },
        element("a", { class: "back", href: "#/conversations" }, "All conversations"),
        element("div", {}, this.#title, this.#standing),
        this.#actions,
        this.more.node,
      ),
      this.#log,
      this.reply.node,
    );
  }

  async open() {
    try {
      this.#show(await this.api.get(this.#path));
      await this.#load();
    } catch (problem) {
      this.#title.textContent = "This conversation cannot be shown";
      this.#standing.textContent = problem.gone ? "It is not there (any more)." : explained(problem);
      this.reply.node.hidden = true;
      return;
    }
    if (!this.node.isConnected) return;
    this.#follower = this.api.follower(`${this.#path}/stream?follow=true`, {
      taken: (event) => this.#take(event),
      connected: (connected) => this.#connected(connected),
      gone: () => this.#gone(),
    });
    this.#follower.run();
    // Whoever has gone on to something else meanwhile is left there.
    if (!document.activeElement.matches("input, textarea, select, button, summary"))
      this.#title.focus({ preventScroll: true });
  }

  close() {
    this.#follower?.stop();
  }

  /** The stream goes on where it was cut off; what it does not tell is asked for. */
  #connected(connected) {
    if (connected && this.#missed) this.#load().catch(() => {});
    if (connected && this.#missed) this.#refresh();
    this.#missed = !connected;
  }

  /** Activity of the workspace, which may be of this conversation. */
  heard({ type, data, subject }) {
    if (data.conversation_id !== this.id && subject.id !== this.id) return;
    if (type === "message.rated") this.#load().catch(() => {});
    if (type === "conversation.edited") this.#refresh();
  }

  #take(event) {
    const { name, data } = event;
    if (name === "conversation" ? this.#differs(data) : this.transcript.take(event, this.#follower)) this.#refresh();
  }

  /** Whether it stands otherwise than it is shown. */
  #differs({ status, handled_by: by, handler, waiting }) {
    const shown = this.#view;
    if (status !== shown.status || by !== shown.handled_by || waiting !== Boolean(shown.waiting_since)) return true;
    return handler?.id !== shown.handler?.id || handler?.name !== shown.handler?.name;
  }

  async #load() {
    const [messages, { items: runs }] = await Promise.all([
      this.api.all(`${this.#path}/messages`),
      this.api.get(`${this.#path}/runs?limit=100`),
    ]);
    for (const message of messages) this.transcript.show(message);
    for (const run of runs.filter(({ status }) => status === "failed" || status === "cancelled")) {
      this.transcript.failed(run, !runs.some((other) => other.message_id === run.message_id && other.id > run.id));
    }
  }

  async #refresh() {
    try {
      this.#show(await this.api.get(this.#path));
    } catch {
      // The stream tells when it is gone, and asks again when it is back.
    }
  }

  #show(view) {
    const before = this.#view;
    this.#view = view;
    this.#title.textContent = visitorName(view);
    const facts = [standing(view), channelName(view.channel), view.visitor.name && view.visitor.email];
    const text = facts.filter(Boolean).join(" · ");
    if (text !== this.#standing.textContent) this.#standing.textContent = text;
    this.more.show(view);
    const same = before && before.status === view.status && before.handled_by === view.handled_by;
    if (!same) this.#offer(view);
    this.reply.show(view);
  }

  #offer({ status, handled_by: by }) {
    const open = status === "open";
    const act = (text, rest) => button(text, () => this.#do(() => this.api.post(`${this.#path}/${rest}`)));
    const turn = (text, to) => button(text, () => this.#edit({ status: to }));
    const focused = this.#actions.contains(document.activeElement);
    this.#actions.replaceChildren(
      ...(open && by === "assistant" ? [act("Take over", "takeover")] : []),
      ...(open && by === "human" ? [act("Hand back to the assistant", "handback")] : []),
      open ? turn("Close", "closed") : turn("Open again", "open"),
    );
    if (focused) this.#actions.firstElementChild.focus();
  }

  async #say(content, key) {
    const { message } = await this.api.post(`${this.#path}/messages`, { content }, key);
    this.#tail.pin();
    this.transcript.show(message);
    this.#refresh();
  }

  #save(format, name) {
    return this.#tried(() => this.api.save(`${this.#path}/export?format=${format}`, name));
  }

  #edit(changes) {
    const { version, status, tags } = this.#view;
    return this.#do(async () => {
      try {
        return await this.api.patch(this.#path, changes, version);
      } catch (problem) {
        if (problem.status !== 412) throw problem;
        const now = await this.api.get(this.#path);
        if (now.status !== status || String(now.tags) !== String(tags)) throw problem;
        return this.api.patch(this.#path, changes, now.version); // Something was said, that is all.
      }
    });
  }

  #do(work) {
    return this.#tried(async () => {
      this.#show(await work());
      announce(standing(this.#view));
    });
  }

  /** Does it, or says why it could not be done and shows how things are now. */
  async #tried(work) {
    hush();
    try {
      await work();
      return true;
    } catch (problem) {
      const stale = problem.status === 412;
      tell(
        stale
          ? "Somebody else has changed this conversation meanwhile. Look at it, and do it again."
          : explained(problem),
      );
      this.#refresh();
      return false;
    }
  }

  async #blank(message) {
    const text = "Its words are taken away for good, for the visitor, too. That there was a message stays.";
    if (!(await confirmed("Remove this message?", text, "Remove"))) return;
    await this.#tried(async () => (await this.api.remove(`/messages/${message}`), await this.#load()));
    this.#log.focus(); // The button is gone with the words.
  }

  #retry(run) {
    return this.#tried(() => this.api.post(`/runs/${run}/retry`));
  }

  async #erase() {
    const { message_count: said } = this.#view;
    const what = `All that was said in it (messages: ${said}), how the replies were made, its tags`;
    const text = `${what}, and the visitor’s way back to it are lost for good. Statistics still count it.`;
    if (!(await confirmed("Erase this conversation?", text, "Erase"))) return;
    if (await this.#tried(() => this.api.remove(this.#path))) this.#gone();
  }

  #gone() {
    this.close();
    announce("The conversation was erased.");
    this.reply.text = "";
    this.left();
  }
}
