// Locating: an expression, and where each model that points takes it to point.

import { describe } from "../scene/scene.js";
import { boxMark } from "../scene/box_mark.js";
import { api, latest } from "../core/api.js";
import { announce, clearNotes, notify } from "../core/announce.js";
import { byId, fill, h, icon } from "../core/dom.js";
import { percent } from "../core/text.js";
import { subject } from "../ask/asking.js";
import { oracleTold } from "../ask/oracle.js";
import { badge, letterOf } from "../ask/badge.js";
import { makeWordBox } from "../ask/word_box.js";
import { meter } from "../trace/parts.js";

const SOON = 120;
const EXAMPLES = 4;

/** The models that locate. */
export function locating(models) {
  return models.filter(({ task }) => ["locate", "answer+locate"].includes(task));
}

/** Let the view of locating work; `vocabulariesOf` gives the words of the models that a choice keeps, or the oracle's. */
export function startLocate(store, vocabulariesOf) {
  const locate = latest((signal, body) => api.locate(body, signal));
  const box = makeWordBox({
    id: "expression",
    vocabularies: () => vocabulariesOf(locating, "expressions"),
    submit: (expression) => store.set({ expression, again: store.state.again + 1 }),
  });
  let soon = 0;

  async function again() {
    const { view, expression, models, scene, upload, dragging, connected, met } = store.state;
    if (view !== "locate" || dragging || !connected || !met || !(scene || upload)) return;
    const names = locating(models).map(({ name }) => name);
    if (!names.length) fill(byId("located"), nobody());
    if (!expression) return;
    try {
      const found = await locate({ expression, models: names, ...subject(store.state), trace: true });
      if (found && store.state.view === "locate") take(store, found);
    } catch (error) {
      if (error.code !== "unreachable") notify(error.message, "problem");
    }
  }

  store.on(["view", "expression", "scene", "upload", "models", "dragging", "connected", "met", "again"], () => {
    clearTimeout(soon);
    soon = setTimeout(again, SOON);
  });
  store.on(["expression"], ({ expression }) => box.set(expression));
  store.on(["vocabularies"], () => box.check());
  store.on(["scene", "view"], () => showExamples(store));
  store.on(["located", "dragging"], () => showBoxes(store));
  box.set(store.state.expression);
  showExamples(store);
}

function take(store, located) {
  const { models, scene } = store.state;
  const told = located.boxes.flatMap(({ model, trace }) =>
    trace ? [{ model: models.find(({ name }) => name === model), trace }] : [],
  );
  if (located.oracle && scene) told.push(oracleTold(located.expression, located.oracle, scene));
  clearNotes();
  store.set({ located, told, names: scene ? scene.objects.map(describe) : [] });
  fill(
    byId("located"),
    oracleRow(located),
    located.boxes.map((one) =>
      row(
        one,
        models.find(({ name }) => name === one.model),
        located.oracle?.box,
      ),
    ),
    located.boxes.length ? null : nobody(),
  );
  announce(
    located.boxes.map(({ model, box, error }) => `${model}: ${error ? error.message : place(box)}`).join(". "),
  );
}

function nobody() {
  const told =
    "No loaded model locates things. Start the studio with one that does, such as a run of snmn-loc-quick.";
  return h("li", { class: "quiet" }, told);
}

function place([x, y, width, height]) {
  return `${Math.round(width)} × ${Math.round(height)} at ${Math.round(x)}, ${Math.round(y)}`;
}

function oracleRow({ oracle, note }) {
  if (!oracle) return note ? h("li", { class: "answer-note quiet" }, icon("oracle"), h("span", {}, note)) : null;
  const where = oracle.box ? place(oracle.box) : oracle.fault;
  return h(
    "li",
    { class: "answer oracle" },
    h(
      "div",
      { class: "answer-face" },
      badge(null),
      h("span", { class: "answer-who" }, "The oracle"),
      h("b", { class: "number" }, where),
      h("span", { class: "verdict" }, "truth"),
      h("span", { class: "answer-why quiet" }, oracle.answer ?? "refers to nothing"),
    ),
  );
}

function row({ model, box, probability, error }, { number }, truth) {
  if (error)
    return h(
      "li",
      { class: "answer failed", "data-model": model },
      badge(number),
      h("span", { class: "answer-who" }, model),
      h("span", { class: "answer-why" }, error.message),
    );
  return h(
    "li",
    { class: "answer", "data-model": model },
    h(
      "div",
      { class: "answer-face" },
      badge(number),
      h("span", { class: "answer-who" }, model),
      h("b", { class: "number" }, place(box)),
      met(box, truth),
      h("span", { class: "answer-sure" }, meter(probability), h("span", { class: "number" }, percent(probability))),
      truth ? h("span", { class: "answer-why quiet number" }, `IoU ${overlap(box, truth).toFixed(2)}`) : null,
    ),
  );
}

/** Whether a box meets the true one by half of what both cover together (IoU), as tests count it. */
function met(box, truth) {
  if (!truth) return h("span");
  const right = overlap(box, truth) >= 0.5;
  return h(
    "span",
    { class: `verdict ${right ? "right" : "wrong"}` },
    icon(right ? "check" : "cross"),
    right ? "right" : "wrong",
  );
}

/** Intersection over union of two boxes. */
function overlap(one, other) {
  const sides = [0, 1].map(
    (axis) => Math.min(one[axis] + one[axis + 2], other[axis] + other[axis + 2]) - Math.max(one[axis], other[axis]),
  );
  const common = Math.max(0, sides[0]) * Math.max(0, sides[1]);
  return common / (one[2] * one[3] + other[2] * other[3] - common);
}

function showBoxes({ state: { view, located, dragging, models } }) {
  if (view !== "locate") return;
  const layer = byId("boxes");
  if (!located || dragging) {
    fill(layer);
    return;
  }
  const frame = [located.width, located.height];
  layer.setAttribute("viewBox", `0 0 ${frame[0]} ${frame[1]}`);
  const truth = located.oracle?.box;
  fill(
    layer,
    truth
      ? boxMark(
          truth,
          "✓",
          frame,
          { class: "box truth-box", role: "img", "aria-label": `The truth: ${place(truth)}` },
          true,
        )
      : null,
    located.boxes
      .filter(({ box }) => box)
      .map(({ model, box }) => {
        const { number } = models.find(({ name }) => name === model);
        return boxMark(box, letterOf(number), frame, {
          class: `box tone-${number % 6} dashed-${number % 4}`,
          role: "img",
          "aria-label": `${model} points to ${place(box)}`,
        });
      }),
  );
}

/** Expressions that refer to one object each, as short as they can be. */
function showExamples(store) {
  const { scene, view } = store.state;
  if (view !== "locate") return;
  const things = scene?.objects ?? [];
  const ways = [
    ["shape"],
    ["color", "shape"],
    ["size", "shape"],
    ["material", "shape"],
    ["size", "color", "shape"],
  ];
  const expressions = things.flatMap((thing) => {
    const way = ways.find(
      (names) => things.filter((other) => names.every((name) => other[name] === thing[name])).length === 1,
    );
    return way ? [`the ${way.map((name) => thing[name]).join(" ")}`] : [];
  });
  fill(
    byId("expressions"),
    expressions
      .slice(0, EXAMPLES)
      .map((expression) =>
        h("li", {}, h("button", { class: "example", onclick: () => store.set({ expression }) }, expression)),
      ),
  );
}
