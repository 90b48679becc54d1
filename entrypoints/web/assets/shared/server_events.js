/**
 * The events of a `text/event-stream` body (WHATWG HTML, section 9.2): `{id, name, data}`, where `id` is null when the
 * event has none, and `data` is text. `heard` is called with each piece, comments too. EventSource is of no use here: it
 * sends no headers, and tokens never go into addresses.
 */
export async function* serverEvents(body, heard) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let event = blank();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop();
      for (const line of lines) {
        if (line) take(event, line);
        else if (event.data.length) yield { id: event.id, name: event.name, data: event.data.join("\n") };
        if (!line) event = blank();
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function blank() {
  return { id: null, name: "message", data: [] };
}

function take(event, line) {
  const colon = line.indexOf(":");
  const field = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
  if (field === "data") event.data.push(value);
  else if (field === "event") event.name = value;
  else if (field === "id" && !value.includes("\0")) event.id = value;
}
