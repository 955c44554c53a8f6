// Telling people what happened: a polite word to screen readers, and a note that everybody sees.

import { byId, fill, h, icon } from "./dom.js";

/** Tell screen readers, without moving anything on the screen. */
export function announce(text) {
  byId("spoken").textContent = text;
}

let fading = 0;

/**
 * Show a note for a while; problems stay until they are put away.
 *
 * @param {string} text
 * @param {"note"|"problem"} kind
 */
export function notify(text, kind = "note") {
  const place = byId("notes");
  const close = h(
    "button",
    { class: "bare", "aria-label": "Put this note away", onclick: () => fill(place) },
    icon("close"),
  );
  fill(
    place,
    h(
      "div",
      { class: `note ${kind}` },
      icon(kind === "problem" ? "warning" : "check"),
      h("p", {}, sentence(text)),
      close,
    ),
  );
  clearTimeout(fading);
  if (kind === "note") fading = setTimeout(() => fill(place), 5000);
}

/** The API's messages begin with a small letter, as parts of a line on a terminal do. */
function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Put notes away, such as a problem that has passed. */
export function clearNotes() {
  clearTimeout(fading);
  fill(byId("notes"));
}
