// Retrieving: the scenes of an index that are nearest to the picture, or to a described scene, by their relations.

import { api, latest } from "../core/api.js";
import { announce, notify } from "../core/announce.js";
import { byId, fill, h } from "../core/dom.js";
import { counted } from "../core/text.js";
import { staged } from "../scene/picture.js";
import { describe } from "../scene/scene.js";

const MOST = 12;

/** Let the view of retrieving work. */
export function startRetrieve(store) {
  const search = latest((signal, body) => api.search(body, signal));
  const input = byId("sought");
  let readsScenes = false;

  async function find(query) {
    byId("found").setAttribute("aria-busy", "true");
    try {
      const found = await search({ ...query, k: MOST });
      if (found) await show(store, found, query);
    } catch (error) {
      fill(byId("found"));
      if (error.code !== "unreachable") notify(error.message, "problem");
    } finally {
      byId("found").removeAttribute("aria-busy");
    }
  }

  input.form.addEventListener("submit", (event) => {
    event.preventDefault();
    const sought = input.value.trim();
    if (!sought) return;
    store.set({ sought });
    find({ text: sought });
  });
  byId("search-picture").addEventListener("click", () => {
    const { scene, upload } = store.state;
    find(scene && (readsScenes || !upload) ? { scene } : { image: upload.url });
  });
  store.on(["view", "met"], async () => {
    if (store.state.view !== "retrieve" || !store.state.met) return;
    readsScenes = (await arrive(store, find))?.reads === "scenes";
  });
  store.on(["sought"], ({ sought }) => (input.value = sought));
  input.value = store.state.sought;
}

/** Say what the index is, and make a link's search again; gives the index, or null where there is none. */
async function arrive({ state }, find) {
  const note = byId("index-note");
  try {
    const index = await api.index();
    const { images, model, layer, aggregation } = index;
    const how = `by what ${model} makes of their relations (${layer}, ${aggregation})`;
    note.textContent = `${counted(images, "picture")}, ${how}.`;
    if (state.sought && !byId("found").children.length) find({ text: state.sought });
    return index;
  } catch (error) {
    note.textContent =
      error.status === 404
        ? "There is no index to search yet. Make one with “visreason index”, and start the studio with --index."
        : error.message;
    return null;
  }
}

/** The pictures found, nearest first; what words were understood as is told above them. */
async function show(store, { results, scene }, query) {
  announce(`${counted(results.length, "picture")} found`);
  const understood = query.text && scene ? `Understood as: ${scene.objects.map(describe).join(", ")}.` : "";
  byId("found-note").textContent = understood;
  const items = results.map((one, rank) => item(store, one, rank));
  fill(
    byId("found"),
    items.map(({ node }) => node),
  );
  await Promise.all(items.map(({ load }) => load()));
}

function item(store, { number, image_filename: name, distance }, rank) {
  const image = h("img", { alt: name });
  const load = async () => {
    const picture = await api.indexImage(number, true).catch(() => null);
    if (picture) image.src = URL.createObjectURL(picture);
  };
  const caption = h(
    "span",
    {},
    h("b", {}, String(rank + 1)),
    h("span", { class: "quiet number" }, `distance ${distance.toFixed(3)}`),
  );
  const take = () => putOnStage(store, number).catch((error) => notify(error.message, "problem"));
  const face = { class: "found-face", title: "Put it on the stage", onclick: take };
  return { node: h("li", {}, h("button", face, image, caption)), load };
}

/** A picture of the index on the stage, where it can be asked about, edited, or searched with. */
async function putOnStage(store, number) {
  const record = await api.indexPicture(number);
  store.set(await staged(record, () => api.indexImage(number)));
  announce(`${record.image_filename} is on the stage`);
  byId("stage").scrollIntoView({ block: "nearest" });
}
