// A program as a tree: what is read above what reads it, each step a button, lines between them.

import { freshId, h, setStyle, svg } from "../core/dom.js";
import { percent } from "../core/text.js";
import { stepName } from "./steps.js";

const ROW = 46;
const COLUMN = 164;
const NODE = { width: 150, height: 34 };

/**
 * Rows (how many steps come before, at most) and columns of the steps of a program.
 *
 * Steps that neither read nor are read, such as a stack network's "no-op", stand below the rest.
 *
 * @returns {{row: number, column: number}[]}
 */
function layout(steps) {
  const rows = [];
  const read = new Set(steps.flatMap((step) => step.reads ?? []));
  const alone = (n) => !read.has(n) && !steps[n].reads?.length;
  steps.forEach((step, n) => {
    rows[n] = step.reads?.length ? 1 + Math.max(...step.reads.map((one) => rows[one] ?? 0)) : 0;
  });
  const columns = new Array(steps.length).fill(-1);
  let next = 0;
  const place = (n, column) => {
    if (columns[n] >= 0) return;
    columns[n] = column;
    (steps[n].reads ?? []).forEach((one, order) => {
      if (order > 0 && columns[one] < 0) next += 1;
      place(one, order ? next : column);
    });
  };
  [...steps.keys()].reverse().forEach((n) => {
    if (!read.has(n) && !alone(n)) {
      place(n, next);
      next += 1;
    }
  });
  let last = Math.max(...rows);
  return steps.map((_, n) => (alone(n) ? { row: (last += 1), column: 0 } : { row: rows[n], column: columns[n] }));
}

/**
 * The tree, or a plain list of steps where none reads another.
 *
 * @param {Object} trace
 * @param {number} current the step that is shown.
 * @param {function(number)} choose is called with a step's number.
 */
export function programTree(trace, current, choose) {
  const isTree = trace.steps.some((step) => step.reads?.length);
  const places = isTree ? layout(trace.steps) : trace.steps.map((_, row) => ({ row, column: 0 }));
  const width = (Math.max(...places.map((one) => one.column)) + 1) * COLUMN - (COLUMN - NODE.width);
  const height = (Math.max(...places.map((one) => one.row)) + 1) * ROW - (ROW - NODE.height);
  const list = h(
    "ol",
    { class: "tree-nodes" },
    trace.steps.map((step, n) => node(trace, n, places[n], n === current, choose)),
  );
  setStyle(list, { width: `${width}px`, height: `${height}px` });
  const lines = svg(
    "svg",
    { class: "tree-lines", width, height, "aria-hidden": "true" },
    isTree ? edges(trace.steps, places, current) : null,
  );
  const title = freshId("tree");
  return h(
    "div",
    { class: "tree", role: "group", "aria-labelledby": title },
    h("h4", { id: title }, isTree ? "Program" : "Steps"),
    h("div", { class: "tree-sheet" }, lines, list),
  );
}

function node(trace, n, { row, column }, isCurrent, choose) {
  const step = trace.steps[n];
  const name = stepName(step, trace.words);
  const wrong = step.truth !== undefined && step.value !== undefined && step.truth !== step.value;
  const button = h(
    "button",
    {
      class: `node${isCurrent ? " current" : ""}${wrong ? " wrong" : ""}`,
      "aria-current": isCurrent ? "step" : null,
      title: name,
      onclick: () => choose(n),
    },
    h("span", { class: "node-name" }, name),
    step.weight === undefined ? null : h("span", { class: "node-weight" }, percent(step.weight, 0)),
  );
  const item = h("li", {}, button);
  setStyle(item, {
    left: `${column * COLUMN}px`,
    top: `${row * ROW}px`,
    width: `${NODE.width}px`,
    height: `${NODE.height}px`,
  });
  return item;
}

function edges(steps, places, current) {
  return steps.flatMap((step, n) =>
    (step.reads ?? []).map((one) => {
      const [from, to] = [places[one], places[n]];
      const [x1, y1] = [from.column * COLUMN + NODE.width / 2, from.row * ROW + NODE.height];
      const [x2, y2] = [to.column * COLUMN + NODE.width / 2, to.row * ROW];
      const middle = (y1 + y2) / 2;
      return svg("path", {
        d: `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`,
        class: n === current ? "lit" : null,
      });
    }),
  );
}
