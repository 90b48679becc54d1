const BROWSERS = [
  [/Edg(e|A|iOS)?\//, "Edge"],
  [/OPR\//, "Opera"],
  [/(Firefox|FxiOS)\//, "Firefox"],
  [/(Chrome|CriOS|Chromium)\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X|Macintosh/, "a Mac"],
  [/CrOS/, "ChromeOS"],
  [/Linux/, "Linux"],
];

/** What people call the program that calls itself this. */
export function clientName(client) {
  const found = (names) => names.find(([pattern]) => pattern.test(client))?.[1];
  const [browser, system] = [found(BROWSERS), found(SYSTEMS)];
  if (browser) return system ? `${browser} on ${system}` : browser;
  return client || "An unknown program";
}
