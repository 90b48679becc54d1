import { element } from "../shared/elements.js";
import { tell } from "../shared/notices.js";
import { count, explained } from "../shared/words.js";
import { plot } from "./plot.js";
import { lasting, money } from "./words.js";

const RANGES = [
  ["today", "Today"],
  ["yesterday", "Yesterday"],
  ["7d", "7 days"],
  ["30d", "30 days"],
  ["90d", "90 days"],
  ["365d", "A year"],
];
const number = (value) => value.toLocaleString();
const cost = ({ usage }) => usage.costs.reduce((sum, { amount }) => sum + Number(amount), 0);

const PLOTS = [
  { title: "Conversations", shown: number, series: [{ name: "Begun", value: (day) => day.conversations }] },
  {
    title: "Questions",
    shown: number,
    series: [
      { name: "Answered", value: (day) => day.questions.answered },
      { name: "Not answered", value: (day) => day.questions.unanswered },
    ],
  },
  {
    title: "Response time, median",
    shown: lasting,
    beside: true,
    series: [
      { name: "Assistant", value: (day) => day.assistant_responses.median_seconds },
      { name: "People", value: (day) => day.member_responses.median_seconds },
    ],
  },
  {
    title: "Feedback",
    shown: number,
    series: [
      { name: "Helpful", value: (day) => day.feedback.up },
      { name: "Not helpful", value: (day) => day.feedback.down },
    ],
  },
  { title: "Minutes saved", shown: number, series: [{ name: "Minutes", value: (day) => day.minutes_saved }] },
  {
    title: "Tokens",
    shown: number,
    series: [
      { name: "Read", value: (day) => day.usage.input_tokens },
      { name: "Written", value: (day) => day.usage.output_tokens },
    ],
  },
];

/** What happened in the conversations, day by day. */
export class StatisticsView {
  title = "Statistics";
  #range = element(
    "select",
    { id: "range", change: () => this.open().catch((problem) => tell(explained(problem))) },
    ...RANGES.map(([value, text]) => element("option", { value, selected: value === "30d" }, text)),
  );
  #zone = element("p", { class: "quiet" });
  #totals = element("dl", { class: "tiles" });
  #plots = element("div", { class: "plots" });

  constructor({ api, workspace }) {
    Object.assign(this, { api, workspace });
    const choice = element("div", { class: "range" }, element("label", { for: "range" }, "Range"), this.#range);
    const head = element("div", { class: "line" }, element("h1", {}, "Statistics"), choice);
    this.node = element("div", { class: "page wide" }, head, this.#zone, this.#totals, this.#plots);
  }

  async open() {
    const { value } = this.#range;
    const { range, totals, days } = await this.api.get(this.workspace.path(`/conversations/stats?range=${value}`));
    if (value !== this.#range.value) return;
    this.#zone.textContent = `${range.from} to ${range.to}, days of ${range.timezone}. Erased conversations count, too.`;
    this.#totals.replaceChildren(...tiles(totals));
    this.#plots.replaceChildren(...[...PLOTS, ...costPlots(totals)].map((each) => plot(each, days)));
  }
}

function tiles({
  conversations,
  messages,
  questions,
  assistant_responses: replies,
  feedback,
  minutes_saved: saved,
  usage,
  taken_over: taken,
}) {
  const facts = [
    ["Conversations", number(conversations), `${count(messages.visitor, "message")} of visitors`],
    ["Questions answered", number(questions.answered), `${number(questions.unanswered)} not answered`],
    ["Response time", lasting(replies.median_seconds), `9 of 10 within ${lasting(replies.p90_seconds)}`],
    ["Helpful", number(feedback.up), `${number(feedback.down)} not helpful`],
    ["Time saved", count(saved, "minute"), `${count(taken, "time")} a person took over`],
    ["Tokens", number(usage.input_tokens + usage.output_tokens), `Cost: ${money(usage.costs)}`],
  ];
  return facts.map(([name, value, more]) =>
    element(
      "div",
      {},
      element("dt", {}, name),
      element("dd", {}, element("strong", {}, value)),
      element("dd", { class: "quiet" }, more),
    ),
  );
}

function costPlots({ usage }) {
  if (usage.costs.length !== 1) return [];
  const [{ currency }] = usage.costs;
  const shown = (amount) => money([{ amount, currency }]);
  return [{ title: "Cost", shown, series: [{ name: "Cost", value: cost }] }];
}
