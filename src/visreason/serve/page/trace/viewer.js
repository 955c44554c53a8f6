// One model's reasoning: the question's words, what the current step looks at, what it found, how it came there.

import { fill, h, icon } from "../core/dom.js";
import { percent, signed, written } from "../core/text.js";
import { badge } from "../ask/badge.js";
import { drawStep } from "./light.js";
import { linkLayer, linksInWords } from "./overlay.js";
import { mixture, stackColumn, strongestLinks } from "./parts.js";
import { looks, stackAfter, stepName, wordShares } from "./steps.js";
import { programTree } from "./tree.js";

/**
 * The panel of one trace at one of its steps.
 *
 * @param {Object} told
 * @param {Object} told.model its `name`, `family` and `number` (for its badge).
 * @param {Object} told.trace
 * @param {HTMLImageElement} told.image what was looked at.
 * @param {string[]} told.names what the scene's objects are called, empty where they are not known.
 * @param {number} told.place the current step.
 * @param {function(number)} told.choose is called with a step that the reader picks.
 */
export function viewer(told) {
  const { model, trace, place, choose } = told;
  const step = trace.steps[place];
  const many = trace.steps.length > 1;
  return h(
    "article",
    { class: "viewer", "aria-label": `Reasoning of ${model.name}`, "data-model": model.name },
    heading(model, trace),
    question(trace, place),
    h(
      "div",
      { class: "viewer-body" },
      h("div", { class: "viewer-look" }, look(told, step), said(told, step)),
      h(
        "div",
        { class: "viewer-side" },
        many ? programTree(trace, place, choose) : null,
        strongestLinks(step, told.names),
        mixture(step),
        stackColumn(trace, stackAfter(trace.steps, place)),
      ),
    ),
    film(told),
  );
}

function heading(model, trace) {
  const best = trace.answers?.[0];
  return h(
    "header",
    { class: "viewer-head" },
    badge(model.number),
    h("h3", {}, model.name),
    h("span", { class: "quiet" }, trace.family === model.name ? "" : trace.family),
    best
      ? h(
          "span",
          { class: "viewer-answer" },
          h("b", {}, best.answer ?? `class ${best.index}`),
          ` ${percent(best.probability)}`,
        )
      : null,
  );
}

/** The question, each word on the tint of its part: orange and solid for, blue and dashed against. */
function question(trace, place) {
  const shares = wordShares(trace, place);
  const words = written(trace.words).map(({ text, spaced }, n) => {
    const strength = Math.abs(shares[n]);
    const kind = strength < 0.08 ? "" : shares[n] > 0 ? "for" : "against";
    const word = h(
      "span",
      {
        class: `word ${kind}`,
        title: `${Math.round(100 * shares[n])} % of the strongest word`,
        style: { "--strength": strength.toFixed(3) },
      },
      text,
    );
    return [spaced ? " " : "", word];
  });
  return h("p", { class: "viewer-question" }, words);
}

function look({ trace, image, names }, step) {
  const canvas = h("canvas", {
    width: 720,
    height: Math.round((720 * image.naturalHeight) / image.naturalWidth),
    role: "img",
    "aria-label": lookInWords(step, trace, names),
  });
  const size = trace.size ?? [480, 320];
  drawStep(canvas, image, step, size);
  const linked = Boolean(step?.anchors && !step.grid);
  return h("div", { class: "look" }, canvas, linked ? linkLayer(step, size) : null, linked ? legend() : null);
}

function legend() {
  return h(
    "p",
    { class: "legend" },
    h("span", { class: "key for" }, "speaks for the answer"),
    h("span", { class: "key against" }, "against it (dashed)"),
  );
}

/** Where a step looks, for those who do not see the map. */
function lookInWords(step, trace, names) {
  if (!step) return "The picture";
  if (step.grid) {
    const [rows, columns] = [step.grid.length, step.grid[0].length];
    const most = Math.max(...step.grid.flat());
    const row = step.grid.findIndex((line) => line.includes(most));
    const column = step.grid[row].indexOf(most);
    const down = ["top", "middle", "bottom"][Math.min(2, Math.floor((3 * row) / rows))];
    const across = ["left", "centre", "right"][Math.min(2, Math.floor((3 * column) / columns))];
    return `Step ${stepName(step, trace.words)} looks most at the ${down} ${across}`;
  }
  if (step.spots) return `Step ${stepName(step, trace.words)} finds ${step.value}`;
  if (step.pairs && step.anchors)
    return `Pairs that matter most. ${linksInWords(step, names)
      .map(({ text, weight }) => `${text}: ${signed(weight)}`)
      .join(". ")}`;
  return `Step ${stepName(step, trace.words)}, which has no map`;
}

/** What the step found, and whether the oracle agrees. */
function said({ trace, place }, step) {
  if (!step) return h("p", { class: "said quiet" }, "This model gives an answer, but no steps.");
  const reads = step.reads?.length ? `reads ${step.reads.map((one) => `${one + 1}`).join(" and ")}` : null;
  const agrees = step.truth === undefined || step.value === undefined ? null : step.truth === step.value;
  return h(
    "p",
    { class: "said" },
    h("b", {}, `${place + 1} ${stepName(step, trace.words)}`),
    reads ? h("span", { class: "quiet" }, ` ${reads}`) : null,
    step.weight === undefined ? null : h("span", { class: "quiet" }, ` · weight ${percent(step.weight)}`),
    step.value === undefined ? null : h("span", {}, " · ", step.value),
    step.truth === undefined
      ? null
      : h(
          "span",
          { class: `truth${agrees === false ? " differs" : ""}` },
          icon(agrees === false ? "cross" : "oracle"),
          ` the oracle finds ${step.truth}`,
        ),
  );
}

/** Every step that looks somewhere as a small picture. */
function film({ trace, image, place, choose }) {
  const shown = [...trace.steps.keys()].filter((n) => looks(trace.steps[n]));
  if (shown.length < 2) return null;
  const frames = shown.map((n) => {
    const canvas = h("canvas", {
      width: 150,
      height: Math.round((150 * image.naturalHeight) / image.naturalWidth),
      "aria-hidden": "true",
    });
    drawStep(canvas, image, trace.steps[n], trace.size ?? [480, 320]);
    const name = stepName(trace.steps[n], trace.words);
    return h(
      "li",
      {},
      h(
        "button",
        {
          class: `frame${n === place ? " current" : ""}`,
          "aria-current": n === place ? "step" : null,
          onclick: () => choose(n),
        },
        canvas,
        h("span", {}, `${n + 1} ${name}`),
      ),
    );
  });
  return h("ol", { class: "film", "aria-label": "Where each step looks" }, frames);
}

/** Draw the panel in place of what a node holds, keeping the reader's scroll and focus where they were. */
export function redraw(node, told) {
  const kept = [".film", ".tree-sheet"]
    .map((part) => node.querySelector(part))
    .map((part) => (part ? [part.scrollLeft, part.scrollTop] : [0, 0]));
  const focused = node.contains(document.activeElement)
    ? [...node.querySelectorAll("button")].indexOf(document.activeElement)
    : -1;
  fill(node, viewer(told));
  [".film", ".tree-sheet"].forEach((part, n) => {
    const found = node.querySelector(part);
    if (!found) return;
    found.scrollTo({ left: kept[n][0], top: kept[n][1], behavior: "instant" });
    reveal(found, found.querySelector(".current"));
  });
  if (focused >= 0) node.querySelectorAll("button")[focused]?.focus({ preventScroll: true });
}

/** Scroll a list, and only it, so that one of its members is seen. */
function reveal(list, member) {
  if (!member) return;
  const [outer, inner] = [list.getBoundingClientRect(), member.getBoundingClientRect()];
  const by = (low, high, from, to) => (from < low ? from - low - 8 : to > high ? to - high + 8 : 0);
  list.scrollLeft += by(outer.left, outer.right, inner.left, inner.right);
  list.scrollTop += by(outer.top, outer.bottom, inner.top, inner.bottom);
}
