// A model's mark: a letter and a colour, the same all over the page, so that colour alone never tells models apart.

import { h } from "../core/dom.js";

/** The letter of a model by its number. */
export function letterOf(number) {
  return String.fromCharCode(65 + (number % 26));
}

/** The mark of a model by its number. */
export function badge(number) {
  return number === null
    ? h("span", { class: "badge oracle", "aria-hidden": "true" }, "✓")
    : h("span", { class: `badge tone-${number % 6}`, "aria-hidden": "true" }, letterOf(number));
}
