const CHANNELS = { web: "Web", sms: "SMS", chatgpt: "ChatGPT", whatsapp: "WhatsApp" };

export function visitorName({ visitor }) {
  return visitor.name || visitor.email || "Visitor";
}

export function channelName(channel) {
  return CHANNELS[channel] ?? channel[0].toUpperCase() + channel.slice(1);
}

/** Who answers in a conversation, in a few words. */
export function standing(conversation) {
  if (conversation.status !== "open") return conversation.status === "closed" ? "Closed" : "Archived";
  if (conversation.handled_by === "human") return `With ${conversation.handler?.name ?? "a person"}`;
  return conversation.waiting_since ? "Waits for a person" : "Assistant answers";
}

/** A duration in seconds, in words; a dash for none. */
export function lasting(seconds) {
  if (seconds === null) return "–";
  if (seconds < 1) return "under 1 s";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}

/** Amounts, one for each currency. */
export function money(costs) {
  const shown = ({ amount, currency }) =>
    new Intl.NumberFormat([], { style: "currency", currency, maximumFractionDigits: 4 }).format(Number(amount));
  return costs.length ? costs.map(shown).join(" + ") : "–";
}

/** A date such as `2026-11-21`, as people write it. */
export function dayName(date) {
  return new Intl.DateTimeFormat([], { day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(date));
}
