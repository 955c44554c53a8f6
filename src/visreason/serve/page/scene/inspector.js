// What the selected object is, to be changed: colour, shape, size, material, rotation; or the object taken away.

import { announce } from "../core/announce.js";
import { byId, fill, h, icon } from "../core/dom.js";
import { plainly } from "../core/text.js";
import { ATTRIBUTES, MOST_OBJECTS, changed, describe, extended, newcomer, without } from "./scene.js";

const FULL_TURN = 2 * Math.PI;

/** Keep the inspector in step with the store's `scene` and `selected`. */
export function startInspector(store) {
  const place = byId("inspector");
  let drawn = null;
  const show = () => {
    const { scene, selected, view } = store.state;
    const thing = scene?.objects[selected];
    place.hidden = !scene || view === "regions";
    const key = JSON.stringify([
      thing && { ...thing, "3d_coords": 0, pixel_coords: 0 },
      selected,
      scene?.objects.length,
    ]);
    if (key === drawn) return; // moving an object changes nothing here
    drawn = key;
    const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
    fill(place, thing ? panel(store, thing, selected) : invitation(store));
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  };
  store.on(["scene", "selected", "view"], show);
  show();
}

function invitation(store) {
  const count = store.state.scene?.objects.length ?? 0;
  const text = count ? "Drag an object, or choose one to change it." : "An empty floor. Add the first object.";
  return [h("p", { class: "quiet" }, text), addButton(store)];
}

function panel(store, thing, selected) {
  const change = (patch) => store.set({ scene: changed(store.state.scene, selected, patch), upload: null });
  const remove = () => {
    announce(`${describe(thing)} removed`);
    store.set({ scene: without(store.state.scene, selected), upload: null, selected: null });
  };
  return [
    h("p", { class: "inspected" }, "The ", h("b", {}, describe(thing))),
    Object.entries(ATTRIBUTES).map(([name, words]) => choice(name, words, thing[name], change)),
    turner(thing, change),
    h(
      "div",
      { class: "row" },
      addButton(store),
      h("button", { id: "remove", class: "quiet-button", onclick: remove }, icon("trash"), "Remove"),
    ),
  ];
}

/** One attribute as a row of radio buttons: colours as swatches with their names, the rest as words. */
function choice(name, words, current, change) {
  const label = name === "color" ? "Colour" : plainly(name).replace(/^./, (letter) => letter.toUpperCase());
  return h(
    "fieldset",
    { class: name === "color" ? "swatches" : "segments" },
    h("legend", {}, label),
    words.map((word) => {
      const id = `${name}-${word}`;
      return h(
        "label",
        { class: name === "color" ? `swatch paint-${word}` : "segment", title: word },
        h("input", {
          type: "radio",
          name: `object-${name}`,
          id,
          value: word,
          checked: word === current,
          onchange: () => change({ [name]: word }),
        }),
        h("span", {}, word),
      );
    }),
  );
}

/** CLEVR's renderer turns by radians; people read degrees. */
function turner(thing, change) {
  const degrees = Math.round(((((thing.rotation % FULL_TURN) + FULL_TURN) % FULL_TURN) * 180) / Math.PI);
  const spin = (event) => change({ rotation: Number(((event.target.value * Math.PI) / 180).toFixed(4)) });
  return h(
    "label",
    { class: "turner" },
    h("span", {}, "Turn"),
    h("input", {
      type: "range",
      id: "turn",
      min: 0,
      max: 359,
      step: 1,
      value: degrees,
      "aria-valuetext": `${degrees} degrees`,
      onchange: spin,
    }),
    h("output", {}, `${degrees}°`),
  );
}

function addButton(store) {
  const full = (store.state.scene?.objects.length ?? 0) >= MOST_OBJECTS;
  const add = () => {
    const next = extended(store.state.scene, newcomer(store.state.scene));
    if (!next) {
      announce("There is no room for another object");
      return;
    }
    store.set({ scene: next, upload: null, selected: next.objects.length - 1 });
    announce(`${describe(next.objects.at(-1))} added`);
  };
  return h(
    "button",
    {
      id: "add",
      class: "quiet-button",
      disabled: full,
      title: full ? `CLEVR's scenes have ${MOST_OBJECTS} objects at most` : null,
      onclick: add,
    },
    icon("plus"),
    "Add an object",
  );
}
