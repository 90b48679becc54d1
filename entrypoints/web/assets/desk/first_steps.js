import { button, byId, element } from "../shared/elements.js";
import { tell } from "../shared/notices.js";
import { explained } from "../shared/words.js";

const STEPS = [
  ["#/business", "say what you offer"],
  ["#/knowledge", "tell the assistant what you know"],
  ["#/share", "put the chat on your website"],
  ["#/members", "invite your colleagues"],
];

/** Shows who looks after a business what to begin with, until they do not want to see it any more. */
export function offerFirstSteps({ api, workspace }, preferences) {
  if (!preferences || preferences.onboarding.desk || !workspace.managed) return;
  const done = async () => {
    try {
      await api.merge("/users/me/preferences", { onboarding: { desk: true } });
      hideFirstSteps();
    } catch (problem) {
      tell(explained(problem));
    }
  };
  const links = STEPS.flatMap(([href, text], place) => [place ? ", " : " ", element("a", { href }, text)]);
  const node = byId("first-steps");
  node.replaceChildren(
    element("span", {}, element("strong", {}, "First steps:"), ...links, "."),
    button("Do not show again", done, { class: "plain" }),
  );
  node.hidden = false;
}

export function hideFirstSteps() {
  const node = byId("first-steps");
  if (node.contains(document.activeElement)) byId("main").focus();
  node.hidden = true;
}
