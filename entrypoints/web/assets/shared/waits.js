const FIRST = 1_000; // milliseconds
const LONGEST = 30_000;

/** How long to wait before the next try after so many in vain: ever longer, and not with everybody else at once. */
export function backOff(tries, retryAfter = null) {
  const wait = Math.min(LONGEST, FIRST * 2 ** tries) * (0.5 + Math.random() / 2);
  return Math.max(wait, (retryAfter ?? 0) * 1_000);
}

/** Resolves after so long, or as soon as the network is back or the signal aborts. */
export function wait(milliseconds, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    window.addEventListener("online", done);
    signal?.addEventListener("abort", done);
    if (signal?.aborted) done();
  });
}
