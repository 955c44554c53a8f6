// The address tells what is on the screen: `#VIEW?question=…&scene=…`, so that a link brings it back.

import { sceneFromText, sceneToText } from "../scene/scene_text.js";

export const VIEWS = ["ask", "locate", "regions", "retrieve", "results"];
const TEXTS = ["question", "expression", "sought", "shown", "compared", "regionModel"];
const KEPT = ["view", "scene", "upload", "step", "boxes", ...TEXTS];
const SOON = 250;
const MOST_BOXES = 100;
const BLANK = { question: "", expression: "", sought: "", shown: null, compared: null, regionModel: null };

/** The address of a state, from the "#" on. */
function fragmentOf(state) {
  const told = new URLSearchParams();
  for (const name of TEXTS) if (state[name]) told.set(name, state[name]);
  if (state.step !== null) told.set("step", String(state.step));
  if (state.boxes.length) told.set("boxes", state.boxes.map((box) => box.map(Math.round).join(",")).join("~"));
  if (state.scene?.objects.length)
    for (const [name, text] of Object.entries(sceneToText(state.scene))) told.set(name, text);
  const query = told.toString().replaceAll("%2C", ",").replaceAll("%40", "@").replaceAll("%7E", "~");
  return `#${state.view}${query ? `?${query}` : ""}`;
}

/** What an address says of the state; whatever it does not say, or says badly, is left out. */
export function stateOf(fragment) {
  const [, view, query] = /^#?([^?]*)\??(.*)$/s.exec(fragment);
  const told = new URLSearchParams(query);
  const state = { view: VIEWS.includes(view) ? view : "ask" };
  for (const name of TEXTS) if (told.get(name)) state[name] = told.get(name).slice(0, 500);
  const step = Number.parseInt(told.get("step"), 10);
  if (step >= 0) state.step = step;
  const boxes = (told.get("boxes") ?? "").split("~").map((text) => text.split(",").map(Number));
  const sound = boxes.filter((box) => box.length === 4 && box.every(Number.isFinite) && box[2] > 0 && box[3] > 0);
  if (sound.length) state.boxes = sound.slice(0, MOST_BOXES);
  const scene = sceneFromText(Object.fromEntries(told));
  if (scene) state.scene = scene;
  return state;
}

/** Keep the address in step with the store, and the store with the address when the reader goes back or on. */
export function startPermalink(store) {
  let soon = 0;
  let view = store.state.view;
  store.on(KEPT, () => {
    clearTimeout(soon);
    soon = setTimeout(() => {
      const address = fragmentOf(store.state);
      if (address === location.hash) return;
      if (store.state.view === view) history.replaceState(null, "", address);
      else history.pushState(null, "", address);
      view = store.state.view;
    }, SOON);
  });
  addEventListener("popstate", () => {
    clearTimeout(soon);
    const told = stateOf(location.hash);
    view = told.view;
    const fresh = { ...BLANK, step: null, boxes: [] }; // what an address does not tell is not on the screen
    store.set({ ...fresh, ...(told.scene ? { upload: null, selected: null } : {}), ...told });
  });
}
