// Retrieving: the scenes of an index that are nearest to the picture, or to a described scene, by their relations.

import { api, latest } from "../core/api.js";
import { announce, notify } from "../core/announce.js";
import { byId, fill, h } from "../core/dom.js";
import { counted } from "../core/text.js";
import { subject } from "../ask/asking.js";

const MOST = 12;

/** Let the view of retrieving work. */
export function startRetrieve(store) {
  const search = latest((signal, body) => api.search(body, signal));
  const input = byId("sought");

  async function find(query) {
    try {
      const found = await search({ ...query, k: MOST });
      if (found) show(found);
    } catch (error) {
      fill(byId("found"));
      if (error.code !== "unreachable") notify(error.message, "problem");
    }
  }

  input.form.addEventListener("submit", (event) => {
    event.preventDefault();
    const sought = input.value.trim();
    if (!sought) return;
    store.set({ sought });
    find({ text: sought });
  });
  byId("search-picture").addEventListener("click", () => find(subject(store.state)));
  store.on(["view", "models"], () => arrive(store, find));
  input.value = store.state.sought;
}

/** What the index is; a link's search is made again. */
async function arrive({ state }, find) {
  if (state.view !== "retrieve" || !state.models.length) return;
  try {
    const index = await api.index();
    byId("index-note").textContent = `${counted(index.size, "picture")} in the index.`;
    if (state.sought && !byId("found").children.length) find({ text: state.sought });
  } catch (error) {
    byId("index-note").textContent = error.message;
  }
}

function show(found) {
  announce(`${counted(found.length, "picture")} found`);
  fill(byId("found"), found.map(item));
}

function item(one, rank) {
  return h("li", {}, h("div", { class: "found-face" }, h("img", { src: one.thumbnail, alt: one.id }), h("span", {}, h("b", {}, String(rank + 1)), h("span", { class: "quiet number" }, one.distance.toFixed(3)))));
}
