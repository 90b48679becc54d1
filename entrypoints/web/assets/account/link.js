/**
 * The token of the mailed link that led here. It is taken out of the address at once, so that it stays in no history and
 * in no screenshot.
 */
export function tokenOfLink() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
  if (token) history.replaceState(null, "", location.pathname);
  // Another link to this page, opened in the same tab, changes nothing but what stands behind the #.
  window.addEventListener("hashchange", () => location.hash.includes("token=") && location.reload());
  return token;
}
