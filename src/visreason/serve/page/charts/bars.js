// Shares as bars with their 95 % intervals as whiskers; the numbers stand beside them.

import { h } from "../core/dom.js";
import { percent } from "../core/text.js";
import { badge } from "../ask/badge.js";

/** A share with its interval, in words. */
export function intervalText({ low, high }) {
  return `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}`;
}

/**
 * A table of rows of bars.
 *
 * @param {string} caption
 * @param {{label: string, bars: {model: Object, share: Object}[]}[]} rows shares are `{value, low, high, count}`.
 */
export function barTable(caption, rows) {
  return h(
    "table",
    { class: "bar-table" },
    h("caption", {}, caption),
    h(
      "thead",
      { class: "unseen" },
      h(
        "tr",
        {},
        ["what", "model", "share", "95 % interval"].map((text) => h("th", { scope: "col" }, text)),
      ),
    ),
    rows.map(({ label, bars }) =>
      h(
        "tbody",
        {},
        bars.map((one, n) => barRow(label, one, n, bars.length)),
      ),
    ),
  );
}

function barRow(label, { model, share }, n, count) {
  return h(
    "tr",
    {},
    n ? null : h("th", { scope: "rowgroup", rowspan: count }, label),
    h("td", {}, badge(model.number), h("span", { class: "unseen" }, model.name)),
    h("td", { class: "bar-cell" }, bar(model, share)),
    h(
      "td",
      { class: "number" },
      h("b", {}, percent(share.value)),
      h("small", {}, ` ${intervalText(share)} · ${share.count.toLocaleString("en")}`),
    ),
  );
}

function bar(model, { value, low, high }) {
  const wide = (share) => `${(100 * share).toFixed(2)}%`;
  return h(
    "div",
    { class: `bar tone-${model.number % 6} pattern-${model.number % 3}`, "aria-hidden": "true" },
    h("span", { class: "bar-fill", style: { width: wide(value) } }),
    h("span", { class: "whisker", style: { left: wide(low), width: wide(Math.max(high - low, 0.002)) } }),
  );
}
