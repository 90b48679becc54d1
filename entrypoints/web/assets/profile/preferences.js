import { Form } from "../shared/form.js";
import { wear } from "../shared/theming.js";

const THEMES = [
  ["system", "As the device says"],
  ["light", "Light"],
  ["dark", "Dark"],
];
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const HOURS = { days: [0, 1, 2, 3, 4], opens: "09:00", closes: "17:00" };
const MAIL = {
  visitor_waits: "Mail when a visitor waits for a person",
  job_died: "Mail when something has failed for good",
};

/** How somebody wants to be treated: how pages look, which letters they get, and when. */
export class Preferences {
  constructor(me) {
    this.me = me;
    const kinds = Object.keys(me.preferences.mail);
    this.form = new Form({
      title: "Preferences",
      fields: [
        { pointer: "/theme", label: "Look", kind: "select", options: THEMES },
        ...kinds.map((kind) => ({
          pointer: `/mail/${kind}`,
          label: MAIL[kind] ?? `Mail: ${kind.replaceAll("_", " ")}`,
          kind: "switch",
        })),
        {
          pointer: "/limited",
          label: "Only in my working hours",
          kind: "switch",
          hint: "Such mail waits until they begin; links that you asked for always come at once.",
        },
        { pointer: "/working_hours/days", label: "Days", kind: "choices", options: DAYS.map((day, at) => [at, day]) },
        { pointer: "/working_hours/opens", label: "From", attributes: { type: "time" } },
        { pointer: "/working_hours/closes", label: "To", attributes: { type: "time" } },
      ],
      save: (changes) => this.#save(changes),
      current: async () => edited(await me.refreshPreferences()),
    });
    this.form.rebase(edited(me.preferences));
    this.node = this.form.node;
    this.node.id = "mail";
    this.node.tabIndex = -1;
    this.node.addEventListener("change", () => this.#offer());
    this.#offer();
  }

  get dirty() {
    return this.form.dirty;
  }

  /** Hours are asked for by those who have some. */
  #offer() {
    const { limited } = this.form.values;
    for (const field of this.form.fields) {
      if (field.pointer.startsWith("/working_hours/")) field.node.hidden = !limited;
    }
  }

  async #save({ theme, mail, limited, working_hours: hours }) {
    const changes = { ...(theme && { theme }), ...(mail && { mail }) };
    if (limited !== undefined || hours) changes.working_hours = this.#hours;
    try {
      const stored = await this.me.prefer(changes);
      wear(stored.theme);
      return edited(stored);
    } catch (problem) {
      // A fault of the hours as a whole is said where they begin.
      for (const error of problem.errors ?? []) {
        if (error.pointer === "/working_hours") error.pointer = "/working_hours/opens";
      }
      throw problem;
    }
  }

  get #hours() {
    const { limited, working_hours: hours } = this.form.values;
    return limited ? { ...hours, days: hours.days.map(Number) } : null;
  }
}

/** Preferences as the form has them. */
function edited({ theme, mail, working_hours: hours }) {
  const { days, opens, closes } = hours ?? HOURS;
  return { theme, mail, limited: hours !== null, working_hours: { days: days.map(String), opens, closes } };
}
