const NEAR = 80; // pixels

/** Keeps the end of `list` in sight while it grows in `log`, which scrolls, unless the reader has gone up from it. */
export class Tail {
  #log;
  #pinned = true;
  #top = 0;

  constructor(log, list) {
    this.#log = log;
    log.addEventListener("scroll", () => this.#scrolled());
    const resized = new ResizeObserver(() => this.#follow());
    resized.observe(log);
    resized.observe(list);
  }

  /** The end is in sight from now on, wherever the reader is. */
  pin() {
    this.#pinned = true;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    const near = scrollHeight - scrollTop - clientHeight < NEAR;
    // We hear of our own scrolling a moment later, when more may have come: only who has gone up has left the end.
    this.#pinned = near || (this.#pinned && scrollTop >= this.#top);
    this.#top = scrollTop;
  }

  #follow() {
    if (!this.#pinned) return;
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#top = this.#log.scrollTop;
  }
}
