// What is odd about a built scene, in a friendly word: things that stand in each other, or hide.

import { api, latest } from "../core/api.js";
import { byId, fill, h, icon } from "../core/dom.js";
import { describe } from "./scene.js";

const SOON = 300;
const MOST = 3;

/** Keep the notes below the stage those of the store's `scene`. */
export function startChecks(store) {
  const check = latest((signal, scene) => api.check({ scene }, signal));
  let soon = 0;

  async function refresh() {
    const { scene, met, dragging, connected } = store.state;
    if (!scene?.objects.length) return fill(byId("checks"));
    if (!met || dragging || !connected) return undefined;
    const found = await check(scene).catch(() => null);
    if (found && store.state.scene === scene) show(scene, found);
    return undefined;
  }

  store.on(["scene", "met", "dragging", "connected"], () => {
    clearTimeout(soon);
    soon = setTimeout(refresh, SOON);
  });
}

function show(scene, { overlaps, unclear, outside, occluded }) {
  const name = (n) => `the ${describe(scene.objects[n])}`;
  const both = ({ first, second }) => `${name(first)} and ${name(second)}`;
  const notes = [
    ...overlaps.map((pair) => `Overlapping: ${both(pair)} stand in each other.`),
    ...occluded.map((n) => `Hidden, or nearly so: ${name(n)}.`),
    ...outside.map((n) => `Outside the floor that models have seen: ${name(n)}.`),
    ...unclear.slice(0, 1).map((pair) => `A close call: ${both(pair)} are nearly level in one direction.`),
  ];
  fill(
    byId("checks"),
    notes.slice(0, MOST).map((text) => h("li", {}, icon("info"), h("span", {}, text))),
  );
}
