/** The element of the page with this id. */
export function byId(id) {
  return document.getElementById(id);
}

/**
 * A new element. Attributes that are null or false are left out, true ones are empty, and functions listen to the
 * event of their name; children are nodes, or text which stays text.
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** A button that submits nothing. */
export function button(text, click, attributes = {}) {
  return element("button", { type: "button", click, ...attributes }, text);
}
