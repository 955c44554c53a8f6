// The studio: one state, and the parts of the page that show and change it.

import { startAnswers } from "./ask/answers.js";
import { answering, startAsking } from "./ask/asking.js";
import { startCounterfactuals } from "./ask/counterfactuals.js";
import { startExamples } from "./ask/examples.js";
import { readWords } from "./ask/vocabulary.js";
import { makeWordBox } from "./ask/word_box.js";
import { announce, notify } from "./core/announce.js";
import { api } from "./core/api.js";
import { byId } from "./core/dom.js";
import { startPermalink, stateOf } from "./core/permalink.js";
import { askToken, startStatus } from "./core/status.js";
import { makeStore } from "./core/store.js";
import { startTheme } from "./core/theme.js";
import { startBoxes } from "./scene/boxes.js";
import { startChecks } from "./scene/checks.js";
import { openGallery, sample, startGallery } from "./scene/gallery.js";
import { startInspector } from "./scene/inspector.js";
import { startPicture } from "./scene/picture.js";
import { startStage } from "./scene/stage.js";
import { startUpload } from "./scene/upload.js";
import { startReasoning } from "./trace/reasoning.js";
import { startLocate } from "./views/locate.js";
import { startRegions } from "./views/regions.js";
import { startResults } from "./views/results.js";
import { startRetrieve } from "./views/retrieve.js";
import { startViews } from "./views/views.js";

const FIRST_SEED = 1;

const store = makeStore({
  view: "ask",
  connected: true,
  met: false,
  models: [],
  vocabularies: new Map(),
  typed: null,
  scene: null,
  upload: null,
  picture: null,
  selected: null,
  dragging: false,
  question: "",
  asked: null,
  asking: false,
  again: 0,
  told: [],
  recalled: null,
  names: [],
  shown: null,
  compared: null,
  step: null,
  expression: "",
  located: null,
  boxes: [],
  regionModel: null,
  sought: "",
  ...stateOf(location.hash),
});

/** What models there are and what they know; asks for the token where the server wants one. */
async function meet() {
  for (;;) {
    try {
      const models = (await api.models()).map((model, number) => ({ ...model, number }));
      const [vocabularies, typed] = await Promise.all([readWords(models), api.typedWords()]);
      store.set({ models, vocabularies, typed, met: true });
      return;
    } catch (error) {
      if (error.status !== 401) throw error;
      await askToken();
    }
  }
}

/** The vocabularies of those models that a choice keeps; where it keeps none, the oracle's words for such a `text`. */
function vocabulariesOf(choose, text) {
  const { models, vocabularies, typed, met } = store.state;
  const names = new Set(choose(models).map(({ name }) => name));
  const kept = new Map([...vocabularies].filter(([name]) => names.has(name)));
  return met && !names.size ? new Map([["the oracle", new Set(typed[text])]]) : kept;
}

function startQuestion() {
  const box = makeWordBox({
    id: "question",
    vocabularies: () => vocabulariesOf(answering, "questions"),
    submit: (question) => store.set({ question, again: store.state.again + 1 }),
  });
  store.on(["question"], ({ question }) => box.set(question));
  store.on(["vocabularies"], () => box.check());
  box.set(store.state.question);
}

function startShare() {
  byId("share").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      notify(
        store.state.upload ? "Link copied. Your picture stays here, so it is not in the link." : "Link copied",
      );
    } catch {
      announce("The address bar has the link");
      notify("The address bar has the link.");
    }
  });
}

async function begin() {
  startTheme();
  startStatus(store);
  startViews(store);
  startStage(store);
  startBoxes(store);
  startInspector(store);
  startChecks(store);
  startGallery(store);
  startUpload(store);
  startReasoning(store);
  startQuestion();
  startAnswers(store);
  startAsking(store);
  startExamples(store);
  startCounterfactuals(store);
  startLocate(store, vocabulariesOf);
  startRegions(store);
  startRetrieve(store);
  startResults(store);
  startPermalink(store);
  startShare();
  startPicture(store);
  store.on(["connected"], ({ connected }) => connected && arrive());
  await arrive();
}

/** Meet the models and put a first scene on the stage; again when a server that was gone is back. */
async function arrive() {
  try {
    await meet();
    if (!store.state.scene && !store.state.upload) await sample(store, FIRST_SEED);
    await openGallery(store);
  } catch (error) {
    if (error.code !== "unreachable") notify(error.message, "problem");
  }
}

begin();
