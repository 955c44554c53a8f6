// The stage: the picture, and over it a handle for every object, which is dragged on the floor or moved with keys.

import { announce } from "../core/announce.js";
import { byId, fill, setStyle, svg } from "../core/dom.js";
import { HEIGHT, WIDTH, project, seenRadius, unproject } from "./camera.js";
import { DIRECTIONS, EXTENT, RADIUS, cameraOf, changed, describe, moved, without } from "./scene.js";

const ARROWS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "behind", ArrowDown: "front" };
const STEP = 0.1;
const LEAP = 0.5;
const TURN = Math.PI / 24;

/** A pointer's place on the picture, in pixels of 480 x 320. */
export function onPicture(event, node, width = WIDTH, height = HEIGHT) {
  const box = node.getBoundingClientRect();
  return {
    x: ((event.clientX - box.left) / box.width) * width,
    y: ((event.clientY - box.top) / box.height) * height,
  };
}

/** Keep the stage in step with the store's `picture`, `scene`, `selected` and `view`. */
export function startStage(store) {
  const layer = byId("handles");
  const drag = makeDrag(store, layer);
  store.on(["picture"], () => showPicture(store.state));
  store.on(["scene", "selected", "dragging", "upload", "view"], () => showHandles(store, layer, drag));
  layer.addEventListener("pointerdown", (event) => {
    if (event.target === layer) store.set({ selected: null });
  });
  showHandles(store, layer, drag);
}

function showPicture({ picture }) {
  const image = byId("picture");
  image.src = picture.url;
  setStyle(byId("stage"), { "aspect-ratio": `${picture.image.naturalWidth} / ${picture.image.naturalHeight}` });
  byId("stage").classList.add("ready");
}

function showHandles(store, layer, drag) {
  const { scene, selected, upload, view, dragging } = store.state;
  const editable = scene && view !== "regions";
  const image = byId("picture");
  image.alt = upload
    ? `Your picture ${upload.name}`
    : scene
      ? `A rendered scene: ${scene.objects.map(describe).join(", ") || "an empty floor"}`
      : "";
  const focused = document.activeElement?.dataset?.object;
  const had = layer.contains(document.activeElement);
  if (!editable) {
    fill(layer);
    return;
  }
  const order = [...scene.objects.keys()].sort(
    (a, b) => scene.objects[b].pixel_coords[2] - scene.objects[a].pixel_coords[2],
  );
  fill(
    layer,
    dragging ? floor(scene) : null,
    order.map((n) => handle(store, n, n === selected, drag)),
  );
  if (had && focused !== undefined)
    layer.querySelector(`[data-object="${focused}"]`)?.focus({ preventScroll: true });
}

/** The floor's square on which objects stand, as it is seen. */
function floor(scene) {
  const corners = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ].map((pair) => project([...pair.map((value) => value * EXTENT), 0], cameraOf(scene)));
  return svg("path", {
    class: "floor",
    d: `M${corners.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}Z`,
  });
}

function handle(store, n, selected, drag) {
  const thing = store.state.scene.objects[n];
  const camera = cameraOf(store.state.scene);
  const seen = project(thing["3d_coords"], camera);
  const radius = seenRadius(RADIUS[thing.size], seen.depth);
  const puck = project([thing["3d_coords"][0], thing["3d_coords"][1], 0], camera);
  return svg(
    "g",
    {
      class: `handle${selected ? " selected" : ""}`,
      tabindex: 0,
      role: "button",
      "aria-pressed": String(selected),
      "aria-label": describe(thing),
      "aria-roledescription": "movable object",
      "aria-describedby": "stage-help",
      "data-object": n,
      onpointerdown: (event) => drag.begin(event, n),
      onkeydown: (event) => onKey(event, store, n),
      onfocus: () => store.state.selected !== n && store.set({ selected: n }),
    },
    svg("ellipse", { class: "puck", cx: puck.x, cy: puck.y, rx: 1.3 * radius, ry: 0.62 * radius }),
    svg("circle", { class: "grip", cx: seen.x, cy: seen.y, r: 1.18 * radius }),
  );
}

/** Dragging: the grabbed point of an object stays under the pointer, at its height above the floor. */
function makeDrag(store, layer) {
  let held = null;
  layer.addEventListener("pointermove", (event) => {
    if (!held) return;
    const { x, y } = onPicture(event, layer);
    const { scene } = store.state;
    const level = scene.objects[held.place]["3d_coords"][2];
    const point = unproject(x - held.x, y - held.y, level, cameraOf(scene));
    if (point) store.set({ scene: moved(scene, held.place, point[0], point[1]), upload: null, dragging: true });
  });
  const end = () => {
    if (!held) return;
    const { scene, dragging } = store.state;
    const name = describe(scene.objects[held.place]);
    held = null;
    if (dragging) {
      store.set({ dragging: false });
      announce(`${name} moved`);
    }
  };
  for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) layer.addEventListener(kind, end);
  return {
    begin(event, place) {
      if (event.button) return;
      event.preventDefault();
      const { scene } = store.state;
      const { x, y } = onPicture(event, layer);
      const seen = project(scene.objects[place]["3d_coords"], cameraOf(scene));
      held = { place, x: x - seen.x, y: y - seen.y };
      layer.setPointerCapture(event.pointerId);
      store.set({ selected: place });
      layer.querySelector(`[data-object="${place}"]`)?.focus({ preventScroll: true });
    },
  };
}

function onKey(event, store, n) {
  const { scene } = store.state;
  const thing = scene.objects[n];
  const way = ARROWS[event.key];
  if (way) {
    const far = event.shiftKey ? LEAP : STEP;
    const [x, y] = thing["3d_coords"].map((value, axis) => value + far * DIRECTIONS[way][axis]);
    store.set({ scene: moved(scene, n, x, y), upload: null });
    announce(`${describe(thing)} moved ${way}`);
  } else if (event.key === "Delete" || event.key === "Backspace") {
    store.set({ scene: without(scene, n), upload: null, selected: null });
    announce(`${describe(thing)} removed`);
  } else if (event.key === "," || event.key === ".") {
    store.set({
      scene: changed(scene, n, { rotation: thing.rotation + (event.key === "." ? TURN : -TURN) }),
      upload: null,
    });
  } else if (event.key === "Enter" || event.key === " ") {
    byId("inspector").querySelector("input:checked")?.focus();
  } else if (event.key === "Escape") {
    store.set({ selected: null });
  } else {
    return;
  }
  event.preventDefault();
}
