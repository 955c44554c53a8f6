// Asking: when the picture or the question changes, every loaded model and the oracle answer again.

import { api, latest } from "../core/api.js";
import { announce, clearNotes, notify } from "../core/announce.js";
import { counted } from "../core/text.js";
import { oracleTold } from "./oracle.js";
import { describe } from "../scene/scene.js";

const SOON = 120;

/** What is on the stage, as the API takes it. */
export function subject({ scene, upload }) {
  return { ...(scene ? { scene } : {}), ...(upload ? { image: upload.url } : {}) };
}

/** The models that answer questions, each `{name, family, number…}`. */
export function answering(models) {
  return models.filter(({ task }) => ["answer", "answer+locate", "programs"].includes(task));
}

/** Keep the store's `asked`, `told` and `names` those of its `question` and picture. */
export function startAsking(store) {
  const ask = latest((signal, body) => api.ask(body, signal));
  let soon = 0;

  async function again() {
    const { question, models, scene, upload, dragging, view, connected, met } = store.state;
    const asked = answering(models).map(({ name }) => name);
    if (view !== "ask" || !question || !(scene || upload) || dragging || !connected || !met) return;
    store.set({ asking: true });
    try {
      const response = await ask({ question, models: asked, ...subject(store.state), top: 5, trace: true });
      if (response && store.state.view === "ask") take(store, response);
    } catch (error) {
      failed(store, error);
    }
  }

  store.on(["question", "again", "scene", "upload", "models", "dragging", "view", "connected", "met"], () => {
    clearTimeout(soon);
    soon = setTimeout(again, SOON);
  });
}

function take(store, response) {
  const { models, scene } = store.state;
  const told = response.answers.flatMap(({ model, trace }) =>
    trace ? [{ model: models.find(({ name }) => name === model), trace }] : [],
  );
  if (response.oracle && scene) told.push(oracleTold(response.question, response.oracle, scene));
  clearNotes();
  store.set({ asking: false, asked: response, told, names: scene ? scene.objects.map(describe) : [] });
  const said = response.answers.map(({ model, answer, error }) => `${model}: ${error ? "no answer" : answer}`);
  const truth = response.oracle?.answer ? ` The oracle: ${response.oracle.answer}.` : "";
  announce(`${counted(said.length, "answer")}. ${said.join(", ")}.${truth}`);
}

function failed(store, error) {
  store.set({ asking: false });
  if (error.code !== "unreachable") notify(error.message, "problem");
}
