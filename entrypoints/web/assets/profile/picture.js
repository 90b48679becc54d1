import { announce } from "../shared/announcer.js";
import { request } from "../shared/api.js";
import { button, element } from "../shared/elements.js";
import { explained } from "../shared/words.js";

const TYPES = ["image/png", "image/jpeg", "image/webp"];
const MOST = 5_000_000; // bytes
const PATIENCE = 60_000; // milliseconds: a picture on a slow line

/** The picture that others see beside somebody's name. */
export class Picture {
  #image = element("img", { class: "avatar", alt: "Your picture", width: 96, height: 96 });
  #file = element("input", {
    id: "picture",
    type: "file",
    accept: TYPES.join(),
    "aria-describedby": "picture-hint picture-error",
    change: () => this.#put(),
  });
  #remove = button("Remove the picture", () => this.#drop());
  #error = element("p", { id: "picture-error", class: "error" });
  #status = element("p", { class: "quiet", role: "status" });

  constructor(api, me) {
    Object.assign(this, { api, me });
    me.watch(() => this.#show());
    this.node = element(
      "section",
      { class: "card stack", "aria-labelledby": "picture-title" },
      element("h2", { id: "picture-title" }, "Picture"),
      this.#image,
      element(
        "div",
        { class: "field" },
        element("label", { for: "picture" }, "Choose a picture"),
        this.#file,
        element("p", { id: "picture-hint", class: "quiet" }, "PNG, JPEG or WebP of up to 5 MB; its middle is shown."),
        this.#error,
      ),
      element("div", { class: "buttons" }, this.#remove, this.#status),
    );
    this.#show();
  }

  #show() {
    const { avatar_url: address } = this.me.user;
    this.#image.hidden = !address;
    this.#remove.hidden = !address;
    if (address) this.#image.src = address;
  }

  #put() {
    const [file] = this.#file.files;
    if (!file) return;
    if (!TYPES.includes(file.type)) return this.#refuse("This is no PNG, JPEG or WebP.");
    if (file.size > MOST) return this.#refuse("This is larger than 5 MB.");
    return this.#tried("Your picture is there.", async () => {
      const { token } = this.api;
      const signal = AbortSignal.timeout(PATIENCE);
      const answer = await request("PUT", "/users/me/avatar", { token, file, signal });
      this.me.seen(await answer.json());
    });
  }

  #drop() {
    return this.#tried("Your picture is gone.", async () => {
      await this.api.remove("/users/me/avatar");
      await this.me.refresh();
      this.#file.focus();
    });
  }

  async #tried(done, work) {
    this.#error.textContent = "";
    this.#status.textContent = "";
    this.#file.removeAttribute("aria-invalid");
    try {
      await work();
      this.#file.value = "";
      this.#status.textContent = done;
    } catch (problem) {
      this.#refuse(explained(problem));
    }
  }

  #refuse(text) {
    this.#error.textContent = text;
    this.#file.setAttribute("aria-invalid", "true");
    announce(text);
  }
}
