// Light or dark: as the reader's system has it, unless they choose; the choice is kept in this browser.

import { byId } from "./dom.js";

const KEY = "visreason-theme";

/** Take up the kept choice, and let the button change it. */
export function startTheme() {
  const kept = read();
  if (kept) apply(kept);
  byId("theme").addEventListener("click", () => {
    const next = isDark() ? "light" : "dark";
    apply(next);
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // a browser that keeps nothing still shows the theme until the page is left
    }
  });
}

/** Whether the page is dark now. */
function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function apply(theme) {
  document.documentElement.dataset.theme = theme;
}

function read() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
