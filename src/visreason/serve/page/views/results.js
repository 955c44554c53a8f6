// Results: how right each loaded model is, by type of question, what it confuses, and where it is wrong.

import { api } from "../core/api.js";
import { notify } from "../core/announce.js";
import { byId, fill, h } from "../core/dom.js";
import { percent, plainly } from "../core/text.js";
import { badge } from "../ask/badge.js";
import { barTable, intervalText } from "../charts/bars.js";
import { confusionTable } from "../charts/confusion.js";
import { mistakeGalleries } from "./mistakes.js";

const MEASURES = {
  accuracy: "Right answers",
  iou50: "Boxes that meet the true one by half",
  per_instance_ac: "Regions named right",
  programs: "Programs by which the oracle answers right",
};
const GROUPS = { by_type: "by type of question", by_prediction: "by prediction" };

/** Let the view of results work: the tests of all loaded models, read when it is first seen. */
export function startResults(store) {
  let read = null;
  const arrive = async () => {
    const { view, models, met } = store.state;
    if (view !== "results" || !met || read === models) return;
    read = models;
    fill(byId("results"), h("p", { class: "quiet" }, "Reading …"));
    try {
      show(store, await Promise.all(models.map(tested)));
    } catch (error) {
      read = null;
      if (error.code !== "unreachable") notify(error.message, "problem");
    }
  };
  store.on(["view", "models", "met", "connected"], arrive);
  arrive();
}

/** A model with its results; without where it was never tested. */
async function tested(model) {
  try {
    const results = await api.results(model.name);
    const { accuracy, programs } = results.metrics;
    if (!accuracy && programs?.answers) results.metrics.programs = { overall: programs.answers };
    return { model, results };
  } catch (error) {
    if (error.status === 404) return { model, results: null };
    throw error;
  }
}

/** The measure of a test that speaks for the whole, by its name in `metrics.json`. */
function measureOf({ results }) {
  return Object.keys(MEASURES).find((name) => results?.metrics[name]?.overall);
}

function show(store, all) {
  const known = all.filter((one) => measureOf(one));
  const untested = all.filter((one) => !measureOf(one)).map(({ model }) => model.name);
  if (!known.length) {
    fill(
      byId("results"),
      h(
        "p",
        { class: "quiet" },
        "None of the loaded models was tested yet. Test one: ",
        h("code", {}, "visreason test RUN"),
        ", and start the studio with its run.",
      ),
    );
    return;
  }
  const parts = Object.keys(MEASURES).map((measure) =>
    charts(
      measure,
      known.filter((one) => measureOf(one) === measure),
    ),
  );
  fill(
    byId("results"),
    h(
      "ul",
      { class: "scores" },
      known.map((one) => score(one)),
    ),
    untested.length ? h("p", { class: "quiet" }, `Not tested yet: ${untested.join(", ")}.`) : null,
    parts,
    known.filter(({ results }) => results.mistakes).map((one) => details(store, one)),
  );
}

function score(one) {
  const measure = measureOf(one);
  const { overall } = one.results.metrics[measure];
  return h(
    "li",
    { class: "score" },
    h("span", { class: "score-who" }, badge(one.model.number), one.model.name),
    h("b", {}, percent(overall.value)),
    h(
      "small",
      { class: "quiet" },
      `${MEASURES[measure].toLowerCase()}, 95 % interval ${intervalText(overall)} `,
      `of ${overall.count.toLocaleString("en")}`,
    ),
  );
}

function charts(measure, known) {
  return Object.entries(GROUPS).map(([group, text]) => {
    const labels = [...new Set(known.flatMap(({ results }) => Object.keys(results.metrics[measure][group] ?? {})))];
    if (!labels.length) return null;
    const rows = labels.map((label) => ({
      label: plainly(label),
      bars: known.flatMap(({ model, results }) => {
        const share = results.metrics[measure][group]?.[label];
        return share ? [{ model, share }] : [];
      }),
    }));
    return barTable(`${MEASURES[measure]}, ${text}`, rows);
  });
}

function details(store, { model, results: { confusion } }) {
  return h(
    "section",
    { class: "result-details", "aria-label": `Errors of ${model.name}` },
    h("h3", {}, badge(model.number), model.name),
    confusion
      ? h(
          "details",
          { class: "fold" },
          h("summary", {}, "What it takes for what"),
          confusionTable(model.name, confusion),
        )
      : null,
    mistakeGalleries(store, model),
  );
}
