/*
 * Puts the chat of its own address on a page, as a button that opens it:
 *   <script src="https://…/chat/{handle}/embed.js" async></script>
 * Attributes: `data-label` names the button ("Chat"), `data-side="left"` moves it. A page with a
 * Content-Security-Policy must allow our origin in `script-src` and `frame-src`; no style is written inline.
 */
(() => {
  "use strict";
  const script = document.currentScript;
  const address = new URL(script.src);
  const page = address.href.slice(0, address.href.lastIndexOf("/embed.js"));
  const label = script.dataset.label || "Chat";
  const kept = `flightdeck.chat.open:${page}`;

  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { all: initial; color-scheme: light dark; }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    button, .panel { position: fixed; z-index: 2147483000; bottom: 1rem; inset-inline-end: 1rem; }
    .left { inset-inline: 1rem auto; }
    button {
      min-width: 3.5rem; min-height: 3.5rem; padding: 0 1.25rem; border: 0; border-radius: 1.75rem;
      background: light-dark(#0b5fb0, #7fb8f0); color: light-dark(#ffffff, #0b1621);
      box-shadow: 0 2px 10px rgb(0 0 0 / 30%); font: 600 1rem/1.2 system-ui, sans-serif; cursor: pointer;
    }
    button:focus-visible { outline: 3px solid light-dark(#0b5fb0, #7fb8f0); outline-offset: 3px; }
    .panel {
      bottom: 5.25rem; width: min(24rem, calc(100vw - 2rem)); height: min(40rem, calc(100dvh - 6.5rem));
      overflow: hidden; border: 1px solid light-dark(#dde2e8, #2b3540); border-radius: 0.75rem;
      background: light-dark(#f6f7f9, #12171d); box-shadow: 0 6px 30px rgb(0 0 0 / 30%);
    }
    @media (max-width: 30rem), (max-height: 30rem) {
      .panel { inset: 0; width: 100%; height: 100%; border: 0; border-radius: 0; }
    }
    iframe { display: block; width: 100%; height: 100%; border: 0; }
  `);

  const side = script.dataset.side === "left" ? "left" : "";
  const button = made("button", { type: "button", class: side, "aria-expanded": "false" }, label);
  const panel = made("div", { class: `panel ${side}`, role: "dialog", "aria-label": label, hidden: "" });
  let frame = null;

  function made(name, attributes, text = "") {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.textContent = text;
    return node;
  }

  function remember(open) {
    try {
      sessionStorage.setItem(kept, open ? "1" : "");
    } catch {
      // A page without storage remembers nothing.
    }
  }

  function remembered() {
    try {
      return sessionStorage.getItem(kept) === "1";
    } catch {
      return false;
    }
  }

  function focusFrame() {
    frame.focus();
    frame.contentWindow.postMessage({ flightdeck: "focus" }, address.origin);
  }

  function open({ focus }) {
    if (frame === null) {
      frame = made("iframe", { src: page, title: label });
      if (focus) frame.addEventListener("load", focusFrame, { once: true });
      panel.append(frame);
    } else if (focus) {
      // Hidden frames take no focus.
      requestAnimationFrame(focusFrame);
    }
    panel.hidden = false;
    button.setAttribute("aria-expanded", "true");
    remember(true);
  }

  function close() {
    panel.hidden = true;
    button.setAttribute("aria-expanded", "false");
    remember(false);
    button.focus();
  }

  button.addEventListener("click", () => (panel.hidden ? open({ focus: true }) : close()));
  window.addEventListener("message", (event) => {
    if (frame && event.source === frame.contentWindow && event.data?.flightdeck === "close") close();
  });

  function show() {
    const host = document.createElement("flightdeck-chat");
    const root = host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style];
    root.append(button, panel);
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !panel.hidden) close();
    });
    document.body.append(host);
    if (remembered()) open({ focus: false });
  }

  if (document.body) show();
  else document.addEventListener("DOMContentLoaded", show);
})();
