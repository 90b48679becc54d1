// No module, so that it is done before the page is painted: dark pages would flash otherwise.
try {
  const theme = JSON.parse(localStorage.getItem("flightdeck.theme"));
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Forbidden: it is as the device says.
}
