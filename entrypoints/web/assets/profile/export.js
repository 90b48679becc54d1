import { button, element } from "../shared/elements.js";
import { wait } from "../shared/waits.js";
import { dayOf, explained } from "../shared/words.js";

const PAUSE = 1_000; // milliseconds
const TEXTS = { pending: "It is being made…", failed: "It could not be made. Try again.", expired: "The last one is gone." };
const FILE = "flightdeck-export.zip";

/** All that is known of somebody, as one archive: made when it is asked for, and there to be saved for some days. */
export class Export {
  #save = button("Save the archive", () => this.#tried(() => this.api.save("/users/me/export/content", FILE)), {
    hidden: true,
  });
  #status = element("p", { class: "quiet", role: "status" });
  #error = element("p", { class: "error", role: "alert" });
  #following = false;

  constructor(api) {
    this.api = api;
    this.node = element(
      "section",
      { class: "card stack", "aria-labelledby": "export" },
      element("h2", { id: "export" }, "Your data"),
      element("p", { class: "quiet" }, "All that is known of you, in one archive."),
      element("div", { class: "buttons" }, button("Make an archive", () => this.#make()), this.#save),
      this.#status,
      this.#error,
    );
  }

  load() {
    return this.#tried(() => this.#follow());
  }

  #make() {
    return this.#tried(async () => {
      await this.api.post("/users/me/export");
      await this.#follow();
    });
  }

  /** Shows how far the newest archive is, until it is there or cannot be made. */
  async #follow() {
    if (this.#following) return;
    this.#following = true;
    try {
      for (;;) {
        const made = await this.api.get("/users/me/export");
        this.#show(made);
        if (made.status !== "pending") return;
        await wait(PAUSE);
      }
    } finally {
      this.#following = false;
    }
  }

  #show({ status, expires_at: until }) {
    const ready = status === "ready";
    const text = ready ? `It is there until ${dayOf(new Date(until))}.` : (TEXTS[status] ?? "");
    if (text !== this.#status.textContent) this.#status.textContent = text;
    this.#save.hidden = !ready;
  }

  async #tried(work) {
    this.#error.textContent = "";
    await work().catch((problem) => (this.#error.textContent = explained(problem)));
  }
}
