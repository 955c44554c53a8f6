// The smaller parts of a step: which modules it mixed, and what waits on the stack.

import { freshId, h, icon } from "../core/dom.js";
import { percent, signed } from "../core/text.js";
import { linksInWords } from "./overlay.js";
import { stepName } from "./steps.js";

const MOST_SHARES = 6;
const LEAST_SHARE = 0.005;

/** The modules or memory rows that a step mixed, as bars; null where it mixed none. */
export function mixture(step) {
  const shares = (step?.addressing ?? []).filter(([, share]) => share > LEAST_SHARE).slice(0, MOST_SHARES);
  if (!shares.length) return null;
  const title = freshId("mixture");
  return h(
    "div",
    { class: "mixture", role: "group", "aria-labelledby": title },
    h("h4", { id: title }, "Modules mixed"),
    h(
      "dl",
      { class: "bars" },
      shares.map(([name, share]) =>
        h(
          "div",
          { class: "bar-row" },
          h("dt", {}, name.replaceAll("_", " ")),
          h("dd", {}, meter(share), h("span", { class: "number" }, percent(share))),
        ),
      ),
    ),
  );
}

/** The links that matter most, in words, as they are drawn over the picture; null for steps without. */
export function strongestLinks(step, names) {
  const links = step?.pairs && step.anchors ? linksInWords(step, names) : [];
  if (!links.length) return null;
  const title = freshId("links");
  return h(
    "div",
    { role: "group", "aria-labelledby": title },
    h("h4", { id: title }, "What matters most"),
    h(
      "ol",
      { class: "link-list" },
      links.map(({ text, weight }) =>
        h(
          "li",
          { class: weight < 0 ? "against" : "for" },
          h("span", {}, text),
          h("b", { class: "number" }, signed(weight)),
        ),
      ),
    ),
  );
}

/** The stack after a step, its top above; null for traces without one. */
export function stackColumn(trace, held) {
  if (!trace.steps.some((step) => step.reads?.length)) return null;
  const title = freshId("stack");
  const rows = [...held]
    .reverse()
    .map((n, depth) =>
      h(
        "li",
        { class: depth ? null : "top" },
        h("span", {}, `${n + 1} ${stepName(trace.steps[n], trace.words)}`),
        depth ? null : h("span", { class: "quiet" }, "top"),
      ),
    );
  return h(
    "div",
    { class: "stack", role: "group", "aria-labelledby": title },
    h("h4", { id: title }, icon("stack"), "Stack"),
    rows.length ? h("ol", {}, rows) : h("p", { class: "quiet" }, "empty"),
  );
}

/** A bar of a share; the number beside it says the same. */
export function meter(share, kind = "") {
  return h(
    "span",
    { class: `meter ${kind}`, "aria-hidden": "true" },
    h("span", { style: { width: `${Math.min(100, Math.max(0, 100 * share))}%` } }),
  );
}
