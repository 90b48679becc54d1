import { Kept } from "./kept.js";

const kept = new Kept("localStorage", "flightdeck.theme");

/** Has the pages look like this, here and the next time; `system` is as the device says. */
export function wear(theme) {
  kept.write(theme === "system" ? null : theme);
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** As whoever is signed in wants it; returns their preferences, or null when they cannot be asked. */
export async function wearPreferred(api) {
  const preferences = await api.get("/users/me/preferences").catch(() => null);
  if (preferences) wear(preferences.theme);
  return preferences;
}

export function forgetTheme() {
  wear("system");
}
