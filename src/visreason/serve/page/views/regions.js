// Regions: boxes on the picture, what each is taken for by itself, and what it becomes in context.

import { api, latest } from "../core/api.js";
import { announce, clearNotes, notify } from "../core/announce.js";
import { byId, fill, h, icon } from "../core/dom.js";
import { percent, plainly, signed } from "../core/text.js";
import { fitted } from "../scene/boxes.js";
import { frameOf } from "../scene/box_mark.js";
import { asDataUrl } from "../scene/picture.js";
import { drawStep } from "../trace/light.js";
import { meter } from "../trace/parts.js";

const SOON = 200;

/** The models that name regions. */
function naming(models) {
  return models.filter(({ task }) => task === "regions");
}

/** Let the view of regions work. */
export function startRegions(store) {
  const name = latest(async (signal, state, model) => {
    const image =
      state.upload?.url ??
      (await asDataUrl(await api.render({ scene: state.scene, width: 480, height: 320 }, signal)));
    return api.regions({ image, boxes: state.boxes, model, top: 3 }, signal);
  });
  let soon = 0;

  async function again() {
    const { view, boxes, models, dragging, connected, met } = store.state;
    if (view !== "regions" || dragging || !connected || !met) return;
    const model = chosenModel(store.state);
    if (!model || !boxes.length) {
      fill(byId("memory"));
      fill(
        byId("regions"),
        !model
          ? h(
              "li",
              { class: "quiet" },
              "No loaded model names regions. Start the studio with one that does, such as a run of region-full-quick.",
            )
          : null,
      );
      return;
    }
    try {
      const found = await name({ ...store.state }, model);
      if (found && store.state.boxes === boxes) take(store, found);
    } catch (error) {
      fill(byId("regions"));
      if (error.code !== "unreachable") notify(error.message, "problem");
    }
  }

  store.on(["view", "boxes", "scene", "upload", "models", "dragging", "regionModel", "connected", "met"], () => {
    clearTimeout(soon);
    soon = setTimeout(again, SOON);
  });
  store.on(["upload"], () => store.set({ boxes: [] }));
  store.on(["models", "regionModel"], () => offer(store));
  startButtons(store);
  offer(store);
}

function chosenModel({ models, regionModel }) {
  const names = naming(models).map((model) => model.name);
  return names.includes(regionModel) ? regionModel : names[0];
}

function offer(store) {
  const select = byId("region-model");
  fill(
    select,
    naming(store.state.models).map((model) => h("option", { value: model.name }, model.name)),
  );
  select.value = chosenModel(store.state) ?? "";
}

function startButtons(store) {
  byId("region-model").addEventListener("change", (event) => store.set({ regionModel: event.target.value }));
  byId("clear-boxes").addEventListener("click", () => store.set({ boxes: [] }));
  byId("add-box").addEventListener("click", () => {
    const frame = frameOf(store.state);
    const shift = 12 * (store.state.boxes.length % 5);
    const box = fitted([frame[0] * 0.4 + shift, frame[1] * 0.4 + shift, frame[0] * 0.2, frame[1] * 0.2], frame);
    store.set({ boxes: [...store.state.boxes, box] });
    byId("boxes").lastElementChild.focus({ preventScroll: true });
    announce(`Box ${store.state.boxes.length} added`);
  });
  const objects = byId("object-boxes");
  const show = () => (objects.hidden = !store.state.scene);
  objects.addEventListener("click", async () => {
    const { boxes } = await api.check({ scene: store.state.scene }).catch(() => ({ boxes: [] }));
    store.set({ boxes: boxes.filter(Boolean) });
  });
  store.on(["scene", "upload"], show);
  show();
}

function take(store, { regions, memory }) {
  clearNotes();
  fill(
    byId("regions"),
    regions.map((region, n) => row(store, region, n)),
  );
  fill(byId("memory"), memory.length ? memoryFilm(memory, store.state.picture.image) : null);
  announce(
    regions
      .map(({ number, before, label }) =>
        before === label ? `${number}: ${label}` : `${number}: ${before}, then ${label}`,
      )
      .join(". "),
  );
}

function row(store, region, n) {
  const remove = () => store.set({ boxes: store.state.boxes.filter((_, place) => place !== n) });
  const label = region.changed
    ? [
        h("s", {}, region.before),
        icon("arrow"),
        h("span", { class: "unseen" }, " became "),
        h("b", {}, region.label),
      ]
    : h("b", {}, region.label);
  return h(
    "li",
    { class: "region" },
    h("span", { class: "region-number" }, String(region.number)),
    h("span", { class: "region-label" }, label),
    h("button", { class: "bare", "aria-label": `Remove box ${region.number}`, onclick: remove }, icon("close")),
    h(
      "div",
      { class: "region-rest" },
      h(
        "span",
        { class: "answer-sure" },
        meter(region.probability),
        h("span", { class: "number" }, percent(region.probability)),
      ),
      h(
        "ol",
        { class: "trail", "aria-label": "What it was taken for, prediction by prediction" },
        region.predictions.map((one) =>
          h("li", {}, h("span", { class: "quiet" }, `${one.name} `), `${one.label} ${percent(one.probability, 0)}`),
        ),
      ),
      truth(store.state, n),
      owed(region),
    ),
  );
}

/** What a region truly is that was opened from the mistakes of a test. */
function truth({ recalled, boxes }, n) {
  if (recalled?.boxes !== boxes || recalled.place !== n) return null;
  return h("span", { class: "recalled" }, "Its test says that this is: ", h("b", {}, recalled.answer));
}

/** What the label owes to a neighbour or to an edge between classes. */
function owed({ neighbour, class_edge: edge }) {
  const shift = (name, one) => `${name} shifts its odds by ${signed(one.shift)}; without it: ${one.without}.`;
  const where = neighbour?.where ? ` (${neighbour.where})` : "";
  const parts = [
    neighbour && shift(`Box ${neighbour.number}${where}`, neighbour),
    edge && shift(`“${edge.from} ${plainly(edge.relation)} ${edge.to}”`, edge),
  ];
  return parts.some(Boolean) ? h("span", {}, parts.filter(Boolean).join(" ")) : null;
}

/** The memory before the first iteration and after each, as light on the picture. */
function memoryFilm(memory, image) {
  const frames = memory.map((grid, n) => {
    const canvas = h("canvas", {
      width: 240,
      height: Math.round((240 * image.naturalHeight) / image.naturalWidth),
      role: "img",
      "aria-label": n ? `The memory after iteration ${n}` : "The memory at first",
    });
    drawStep(canvas, image, { grid }, [480, 320]);
    return h(
      "li",
      {},
      h("div", { class: "frame" }, canvas, h("span", {}, n ? `after iteration ${n}` : "at first")),
    );
  });
  return h("div", { class: "memory" }, h("h2", {}, "The memory"), h("ol", { class: "film" }, frames));
}
