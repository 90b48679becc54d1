/** Why something did not work, to whoever is signed in and wanted it. */
export function explained(problem) {
  if (problem.status === 0) return "The server cannot be reached. Try again.";
  if (problem.status === 429) return "Too many requests in a short time. Try again in a minute.";
  return problem.errors?.[0]?.detail ?? problem.message;
}

export function count(number, noun, plural = `${noun}s`) {
  return `${number.toLocaleString()} ${number === 1 ? noun : plural}`;
}

/** The time of day where the reader is, with the date unless it is today. */
export function timeOf(date) {
  const today = date.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat([], today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" }).format(date);
}

/** The day, where the reader is. */
export function dayOf(date) {
  return new Intl.DateTimeFormat([], { dateStyle: "medium" }).format(date);
}
