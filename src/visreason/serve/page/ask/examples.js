// Example questions about the very scene, from the question engine.

import { api, latest } from "../core/api.js";
import { byId, fill, h } from "../core/dom.js";
import { plainly } from "../core/text.js";

const MADE = 16;
const SHOWN = 3;
const SOON = 250;

/** Keep the example questions those of the store's `scene`; the button brings others. */
export function startExamples(store) {
  const questions = latest((signal, body) => api.questions(body, signal));
  let seed = 0;
  let soon = 0;

  async function refresh() {
    const { scene, met, dragging, connected } = store.state;
    byId("examples-part").hidden = !scene || !scene.objects.length;
    if (!scene?.objects.length || !met || dragging || !connected) return;
    const found = await questions({ scene, count: MADE, seed }).catch(() => []);
    if (found) show(store, found);
  }

  store.on(["scene", "met", "dragging", "connected"], () => {
    clearTimeout(soon);
    soon = setTimeout(refresh, SOON);
  });
  byId("more-examples").addEventListener("click", () => {
    seed += 1;
    refresh();
  });
}

/** The shortest question of each type first, as many as are shown. */
function choice(found) {
  const shortest = [...found].sort((a, b) => a.question.length - b.question.length);
  const firsts = shortest.filter(({ type }, n) => shortest.findIndex((other) => other.type === type) === n);
  return [...firsts, ...shortest.filter((one) => !firsts.includes(one))].slice(0, SHOWN);
}

/** The list; a reader who has asked nothing yet is shown what becomes of the first. */
function show(store, found) {
  const chosen = choice(found);
  fill(
    byId("examples"),
    chosen.map(({ question, type }) =>
      h(
        "li",
        {},
        h(
          "button",
          { class: "example", onclick: () => store.set({ question }) },
          question,
          " ",
          h("small", {}, plainly(type)),
        ),
      ),
    ),
  );
  if (!store.state.question && chosen.length) store.set({ question: chosen[0].question });
}
