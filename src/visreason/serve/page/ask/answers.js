// The answers as cards: the oracle's first, then each model's, with how sure it is and whether it is right.

import { byId, fill, h, icon } from "../core/dom.js";
import { percent } from "../core/text.js";
import { meter } from "../trace/parts.js";
import { badge } from "./badge.js";

/** Keep the list of answers in step with the store's `asked`, `asking`, `shown` and `compared`. */
export function startAnswers(store) {
  store.on(["scene", "upload"], () => store.set({ recalled: null }));
  store.on(["asked", "asking", "shown", "compared", "told"], () => show(store));
  show(store);
}

function show(store) {
  const { asked, asking, models, told } = store.state;
  const list = byId("answers");
  list.setAttribute("aria-busy", String(Boolean(asking)));
  byId("answers-part").hidden = !asked && !asking;
  byId("counterfactual-part").hidden = !asked?.oracle?.answer;
  if (!asked) {
    fill(list, asking ? h("li", { class: "answer waiting" }) : null);
    return;
  }
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.shows : null;
  const shown = told.some(({ model }) => model.name === store.state.shown)
    ? store.state.shown
    : told[0]?.model.name;
  fill(
    list,
    oracleCard(store, asked, shown),
    asked.answers.map((one) =>
      card(
        store,
        one,
        models.find(({ name }) => name === one.model),
        asked.oracle,
        shown,
      ),
    ),
  );
  if (focused) list.querySelector(`[data-shows="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function oracleCard(store, { oracle, note }, shown) {
  if (!oracle) return note ? h("li", { class: "answer-note quiet" }, icon("oracle"), h("span", {}, note)) : null;
  const text = oracle.answer ?? "no answer";
  return h(
    "li",
    { class: "answer oracle" },
    chooser(store, "oracle", shown, [
      badge(null),
      h("span", { class: "answer-who" }, "The oracle"),
      h("b", { class: "answer-said" }, text),
      h("span", { class: "verdict" }, "truth"),
      h("span", { class: "answer-why quiet" }, oracle.fault ?? "ran the true program on the scene"),
    ]),
  );
}

function card(store, one, model, oracle, shown) {
  if (one.error) {
    return h(
      "li",
      { class: "answer failed", "data-model": one.model },
      badge(model.number),
      h("span", { class: "answer-who" }, one.model),
      h("span", { class: "answer-why" }, one.error.message),
    );
  }
  const sure = one.top[0]?.probability;
  const body = [
    badge(model.number),
    h("span", { class: "answer-who" }, one.model),
    h("b", { class: "answer-said" }, one.answer ?? "—"),
    verdict(one.answer, oracle),
    sure === undefined
      ? h("span", { class: "answer-why quiet" }, "wrote a program; the oracle ran it")
      : h("span", { class: "answer-sure" }, meter(sure), h("span", { class: "number" }, percent(sure))),
    one.top.length > 1
      ? h(
          "span",
          { class: "answer-next quiet" },
          one.top.slice(1, 4).map(({ answer, probability }) => h("span", {}, `${answer} ${percent(probability)}`)),
        )
      : null,
    one.program?.author === "parser"
      ? h("span", { class: "answer-why quiet" }, "executed the program that the parser made of the question")
      : null,
    recollection(store.state, one),
  ];
  return h(
    "li",
    { class: "answer", "data-model": one.model },
    one.trace ? chooser(store, one.model, shown, body) : body,
  );
}

/** What a model said in its test to the question that was opened from there, if it says something else now. */
function recollection({ recalled, asked }, { model, answer }) {
  if (recalled?.model !== model || recalled.question !== asked.question || recalled.prediction === answer) return null;
  return h("span", { class: "answer-why quiet" }, `said “${recalled.prediction}” in its test, of another drawing`);
}

function chooser(store, name, shown, body) {
  const current = name === shown;
  return h(
    "button",
    {
      class: `answer-face${current ? " current" : ""}`,
      "aria-pressed": String(current),
      "data-shows": name,
      title: "Show how this answer came about",
      onclick: () => choose(store, name),
    },
    body,
  );
}

function choose(store, name) {
  store.set({ shown: name, compared: store.state.compared === name ? null : store.state.compared, step: null });
  byId("reasoning").scrollIntoView({ block: "nearest" });
}

/** Right or wrong, in a sign and a word; nothing where the truth is not known. */
export function verdict(answer, oracle) {
  if (!oracle?.answer) return h("span", { class: "verdict" });
  const right = answer === oracle.answer;
  return h(
    "span",
    { class: `verdict ${right ? "right" : "wrong"}` },
    icon(right ? "check" : "cross"),
    right ? "right" : "wrong",
  );
}
