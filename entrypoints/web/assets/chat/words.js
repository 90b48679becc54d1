const TOOLS = {
  search_knowledge: "Looked it up",
  list_services: "Looked at the services",
  get_booking_link: "Got the booking page",
  ask_a_person: "Asked for a person",
};
const SILENT = new Set(["report_unanswered"]);

/** The note that a tool was used, or null for what is nothing to a visitor. */
export function toolNote(name) {
  if (SILENT.has(name)) return null;
  return TOOLS[name] ?? `Used ${name.replaceAll("_", " ")}`;
}

/** Why something did not work, to the person who wanted it. */
export function explained(problem) {
  if (problem.status === 0) return "The connection is lost.";
  if (problem.status === 429) return `Too many at once. Try again ${inSeconds(problem.retryAfter)}.`;
  if (problem.status === 422) return problem.errors[0]?.detail ?? problem.message;
  if (problem.code === "too_many_waiting") return "Several messages wait for a reply. Wait for one of them.";
  if (problem.status >= 500) return "The chat cannot be reached at the moment.";
  return problem.message;
}

function inSeconds(seconds) {
  if (!seconds || seconds < 2) return "in a moment";
  return seconds < 90 ? `in ${seconds} seconds` : `in ${Math.ceil(seconds / 60)} minutes`;
}
