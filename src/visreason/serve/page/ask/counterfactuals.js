// What would change the answer: edits of one object after which the truth is another, and what the models then say.

import { api, latest } from "../core/api.js";
import { announce, notify } from "../core/announce.js";
import { byId, fill, h, icon } from "../core/dom.js";
import { counted } from "../core/text.js";
import { answering } from "./asking.js";
import { verdict } from "./answers.js";
import { badge } from "./badge.js";

/** Let the button find edits, and put them away when the scene or the question is another. */
export function startCounterfactuals(store) {
  const find = latest((signal, body) => api.counterfactuals(body, signal));
  const list = byId("counterfactuals");
  const button = byId("find-counterfactuals");
  const clear = () => fill(list);

  button.addEventListener("click", async () => {
    const { scene, question, models } = store.state;
    button.setAttribute("aria-busy", "true");
    try {
      const found = await find({ scene, question, models: answering(models).map(({ name }) => name) });
      if (found && store.state.scene === scene) show(store, found, list);
    } catch (error) {
      notify(error.message, "problem");
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
  store.on(["scene", "question"], clear);
}

function show(store, { answer, edits }, list) {
  announce(`${counted(edits.length, "change")} of one object would change the answer`);
  if (!edits.length) {
    fill(list, h("li", { class: "quiet" }, "No change of a single object changes this answer."));
    return;
  }
  fill(
    list,
    edits.map((edit) =>
      h(
        "li",
        { class: "counterfactual" },
        h(
          "div",
          { class: "counterfactual-head" },
          h("span", {}, edit.text),
          h("span", { class: "flip" }, answer, icon("arrow"), h("b", {}, edit.answer)),
        ),
        h(
          "ul",
          { class: "counterfactual-answers" },
          edit.answers.filter(({ error }) => !error).map((one) => said(store, one, edit.answer)),
        ),
        h(
          "button",
          { class: "quiet-button", onclick: () => store.set({ scene: edit.scene, selected: null, upload: null }) },
          "Make it so",
        ),
      ),
    ),
  );
}

function said(store, one, truth) {
  const { number } = store.state.models.find(({ name }) => name === one.model);
  return h(
    "li",
    {},
    badge(number),
    h("span", {}, one.model),
    h("b", {}, one.answer),
    verdict(one.answer, { answer: truth }),
  );
}
