const PATIENCE = 20_000; // milliseconds

/** Why a request failed: the fields of a problem (RFC 9457), and `retryAfter` in seconds; status 0 is no answer at all. */
export class Problem extends Error {
  constructor({ status, code, detail, errors = [], retryAfter = null }) {
    super(detail);
    Object.assign(this, { name: "Problem", status, code, errors, retryAfter });
  }

  /** The same, said of the value at this JSON pointer of what was sent. */
  at(pointer) {
    this.errors = [{ pointer, code: this.code, detail: this.message }];
    return this;
  }

  /** Whether the same request may succeed a little later. */
  get passing() {
    return [0, 408, 429, 500, 502, 503, 504].includes(this.status);
  }

  /** Whether what was asked for is not there, or not for this token. */
  get gone() {
    return [401, 403, 404, 410].includes(this.status);
  }
}

/** Asks the API, and returns the answer's JSON, or null when it is empty. Throws a Problem. */
export async function ask(method, path, options = {}) {
  const answer = await request(method, path, { ...options, signal: AbortSignal.timeout(PATIENCE) });
  return answer.text().then((text) => (text ? JSON.parse(text) : null)).catch(unreachable);
}

/** An answer whose body is still to come; a `file` is sent as it is. Throws a Problem. */
export async function request(method, path, { token, body, file, key, headers = {}, signal } = {}) {
  const sent = { ...headers };
  if (token) sent.Authorization = `Bearer ${token}`;
  if (key) sent["Idempotency-Key"] = key;
  if (body) sent["Content-Type"] = "application/json";
  if (file) sent["Content-Type"] = file.type;
  const answer = await fetch(`/api/v1${path}`, {
    method,
    headers: sent,
    body: file ?? (body && JSON.stringify(body)),
    signal,
    cache: "no-store",
    credentials: "omit",
  }).catch(unreachable);
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

async function problemOf(answer) {
  // What answers may be a proxy, which knows nothing of problems.
  const told = await answer.json().catch(() => ({}));
  const retryAfter = Number.parseInt(answer.headers.get("Retry-After"), 10);
  return new Problem({
    status: answer.status,
    code: told.code ?? "unknown",
    detail: told.detail ?? "Something went wrong.",
    errors: told.errors,
    retryAfter: Number.isNaN(retryAfter) ? null : retryAfter,
  });
}

function unreachable() {
  throw new Problem({ status: 0, code: "unreachable", detail: "The server cannot be reached." });
}
