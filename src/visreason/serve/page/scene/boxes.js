// Drawing boxes on the picture, for the view of regions: with the pointer, or by keys.

import { announce } from "../core/announce.js";
import { byId, fill } from "../core/dom.js";
import { boxMark, frameOf } from "./box_mark.js";
import { onPicture } from "./stage.js";

const LEAST = 4;
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A box that lies on the frame, at least `LEAST` pixels wide and high, in whole pixels. */
export function fitted([x, y, width, height], frame) {
  const [w, h] = [width, height].map((side, axis) => Math.min(frame[axis], Math.max(LEAST, Math.round(side))));
  return [
    Math.round(Math.min(Math.max(0, x), frame[0] - w)),
    Math.round(Math.min(Math.max(0, y), frame[1] - h)),
    w,
    h,
  ];
}

/** Keep the layer of boxes in step with the store's `boxes` while the view is that of regions. */
export function startBoxes(store) {
  const layer = byId("boxes");
  let drawn = null;

  const show = () => {
    const { view, boxes } = store.state;
    byId("stage").classList.toggle("drawing", view === "regions");
    if (view !== "regions") return;
    const frame = frameOf(store.state);
    layer.setAttribute("viewBox", `0 0 ${frame[0]} ${frame[1]}`);
    const focused = layer.contains(document.activeElement) ? document.activeElement.dataset.box : null;
    fill(
      layer,
      boxes.map((box, n) => mark(store, box, n, frame)),
    );
    if (focused !== null) layer.querySelector(`[data-box="${focused}"]`)?.focus({ preventScroll: true });
  };

  layer.addEventListener("pointerdown", (event) => {
    if (store.state.view !== "regions" || event.button) return;
    event.preventDefault();
    const frame = frameOf(store.state);
    const at = onPicture(event, layer, ...frame);
    const place = event.target.closest("[data-box]")?.dataset.box;
    drawn = {
      at,
      frame,
      moved: false,
      place: place === undefined ? null : Number(place),
      box: place === undefined ? null : store.state.boxes[Number(place)],
    };
    layer.setPointerCapture(event.pointerId);
  });
  layer.addEventListener("pointermove", (event) => {
    if (!drawn) return;
    const { x, y } = onPicture(event, layer, ...drawn.frame);
    if (!drawn.moved && Math.hypot(x - drawn.at.x, y - drawn.at.y) < LEAST) return;
    pull(store, drawn, x, y);
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    layer.addEventListener(kind, () => {
      if (drawn?.moved) store.set({ dragging: false });
      if (drawn?.place !== null && drawn)
        layer.querySelector(`[data-box="${drawn.place}"]`)?.focus({ preventScroll: true });
      drawn = null;
    });
  }
  store.on(["view", "boxes", "picture", "upload"], show);
  show();
}

/** A new box grows between where the pointer went down and where it is; an old one moves along. */
function pull(store, drawn, x, y) {
  const boxes = [...store.state.boxes];
  if (drawn.box) {
    const [left, top, width, height] = drawn.box;
    boxes[drawn.place] = fitted([left + x - drawn.at.x, top + y - drawn.at.y, width, height], drawn.frame);
  } else {
    if (!drawn.moved) drawn.place = boxes.length;
    const [px, py] = [Math.min(Math.max(x, 0), drawn.frame[0]), Math.min(Math.max(y, 0), drawn.frame[1])];
    boxes[drawn.place] = fitted(
      [Math.min(px, drawn.at.x), Math.min(py, drawn.at.y), Math.abs(px - drawn.at.x), Math.abs(py - drawn.at.y)],
      drawn.frame,
    );
  }
  drawn.moved = true;
  store.set({ boxes, dragging: true });
}

function mark(store, box, n, frame) {
  const where = `x ${box[0]}, y ${box[1]}, ${box[2]} wide, ${box[3]} high`;
  return boxMark(box, String(n + 1), frame, {
    class: "box",
    tabindex: 0,
    role: "button",
    "aria-roledescription": "movable box",
    "aria-label": `Box ${n + 1}: ${where}`,
    "aria-describedby": "regions-help",
    "data-box": n,
    onkeydown: (event) => onKey(event, store, n, frame),
  });
}

function onKey(event, store, n, frame) {
  const way = WAYS[event.key];
  const boxes = [...store.state.boxes];
  if (way) {
    const step = frame[0] / 60;
    const [x, y, width, height] = boxes[n];
    const [dx, dy] = way.map((value) => value * step);
    boxes[n] = fitted(event.shiftKey ? [x, y, width + dx, height + dy] : [x + dx, y + dy, width, height], frame);
  } else if (event.key === "Delete" || event.key === "Backspace") {
    boxes.splice(n, 1);
    announce(`Box ${n + 1} removed`);
  } else {
    return;
  }
  event.preventDefault();
  store.set({ boxes });
}
