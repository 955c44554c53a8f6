// What was taken for what: a table whose cells are the darker, the larger their share of the true answer.

import { h } from "../core/dom.js";
import { percent } from "../core/text.js";

const LEAST = 0.005;

/**
 * @param {string} name of the model.
 * @param {{labels: string[], counts: number[][]}} confusion rows are true answers, columns predictions.
 */
export function confusionTable(name, confusion) {
  const { labels, counts } = seen(confusion);
  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  return h(
    "div",
    { class: "confusion-frame", tabindex: 0, role: "region", "aria-label": `Confusion of ${name}` },
    h(
      "table",
      { class: "confusion" },
      h("caption", {}, "Rows: the true answer. Columns: what was said. Shade: share of the row."),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("td"),
          labels.map((label) => h("th", { scope: "col" }, h("span", {}, label))),
        ),
      ),
      h(
        "tbody",
        {},
        labels.map((label, i) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, label),
            counts[i].map((count, j) => cell(count, totals[i], label, labels[j], i === j)),
          ),
        ),
      ),
    ),
  );
}

/** Without the labels that were neither true nor said. */
function seen({ labels, counts }) {
  const kept = [...labels.keys()].filter((n) => counts[n].some(Boolean) || counts.some((row) => row[n]));
  return { labels: kept.map((n) => labels[n]), counts: kept.map((i) => kept.map((j) => counts[i][j])) };
}

function cell(count, total, truth, said, right) {
  const share = total ? count / total : 0;
  const text = count ? `${percent(share, 0)}` : "";
  return h(
    "td",
    {
      class: `${right ? "right" : "wrong"}${share > 0.55 ? " dark" : ""}`,
      title: `${truth}, taken for ${said}: ${count.toLocaleString("en")} of ${total.toLocaleString("en")}`,
      style: { "--share": share.toFixed(3) },
    },
    share >= LEAST ? text.replace(" %", "") : count ? "·" : "",
  );
}
