// What a model's test got wrong, as galleries: answers, boxes, names of regions; each opens where such things are asked.

import { notify } from "../core/announce.js";
import { api } from "../core/api.js";
import { fill, h, svg } from "../core/dom.js";
import { counted, percent, plainly } from "../core/text.js";
import { letterOf } from "../ask/badge.js";
import { boxMark } from "../scene/box_mark.js";
import { staged } from "../scene/picture.js";

const FIRST = 12;
const PATIENCE = 20;
const KINDS = { answer: "wrong answer", box: "box beside the true one", region: "region named wrong" };
const MANY = { box: "boxes beside the true ones", region: "regions named wrong" };

/** The galleries of a model's mistakes, which come when their pictures have been found. */
export function mistakeGalleries(store, model) {
  const place = h("div", { class: "mistakes" }, h("p", { class: "quiet" }, "Looking up what it got wrong …"));
  patiently(() => api.mistakes(model.name)).then(
    ({ counts, mistakes, note }) =>
      fill(
        place,
        Object.entries(counts).map(([kind, count]) =>
          gallery(
            store,
            model,
            kind,
            count,
            mistakes.filter((one) => one.kind === kind),
          ),
        ),
        note ? h("p", { class: "quiet" }, `None opens: ${note}`) : null,
      ),
    (error) => fill(place, h("p", { class: "quiet" }, error.message)),
  );
  return place;
}

/** Ask again while the server makes the world of a test, which can take longer than it lets a request wait. */
async function patiently(ask) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (error.code !== "timeout" || tries >= PATIENCE) throw error;
    }
  }
}

/** The gallery of one kind, a dozen at first. */
function gallery(store, model, kind, count, mistakes) {
  const list = h(
    "ol",
    { class: "errors" },
    mistakes.slice(0, FIRST).map((one) => card(store, model, one)),
  );
  const rest = mistakes.slice(FIRST);
  const more = h(
    "button",
    {
      class: "quiet-button",
      onclick: () => {
        list.append(...rest.map((one) => card(store, model, one)));
        more.remove();
        list.children[FIRST].querySelector("button")?.focus();
      },
    },
    `Show ${rest.length} more`,
  );
  const told = mistakes.length < count ? `, the first ${mistakes.length}` : "";
  return h(
    "details",
    { class: "fold", open: true },
    h("summary", {}, counted(count, KINDS[kind], MANY[kind]), told),
    h("div", { class: "errors-frame" }, list, rest.length ? more : null),
  );
}

function card(store, model, one) {
  const body = [
    one.text || !one.opens ? h("span", { class: "error-question" }, one.text ?? one.image_filename) : null,
    one.kind === "box"
      ? h("span", { class: "error-said" }, "IoU ", h("b", { class: "number" }, one.iou.toFixed(2)))
      : h(
          "span",
          { class: "error-said" },
          h("s", {}, one.prediction ?? "no answer"),
          h("span", { class: "unseen" }, " was said, the truth is "),
          h("b", {}, one.answer),
        ),
    h("small", { class: "quiet" }, details(one)),
  ];
  if (!one.opens) return h("li", {}, h("div", { class: "error-face" }, body));
  const open = () => reopen(store, model, one).catch((error) => notify(error.message, "problem"));
  return h(
    "li",
    {},
    h(
      "button",
      { class: "error-face", title: "See how it came about", onclick: open },
      thumbnail(model, one),
      body,
    ),
  );
}

function details({ type, probability }) {
  const sure = probability === null ? "" : `${percent(probability)} sure`;
  return [plainly(type), sure].filter(Boolean).join(" · ");
}

/** The picture of a mistake with its boxes: dotted and ticked the true one, with the model's letter its own. */
function thumbnail(model, one) {
  const image = h("img", { alt: "" });
  api.mistakeImage(model.name, one.number).then(
    (picture) => (image.src = URL.createObjectURL(picture)),
    () => image.remove(),
  );
  const own = { class: `box tone-${model.number % 6}` };
  const letter = letterOf(model.number);
  const coarse = one.frame.map((side) => 2 * side); // tags are made for pictures twice as large
  const marks =
    one.kind === "region"
      ? [boxMark(one.box, letter, coarse, own)]
      : one.kind === "box"
        ? [
            boxMark(one.box, "✓", coarse, { class: "box truth-box" }, true),
            boxMark(one.predicted_box, letter, coarse, own),
          ]
        : [];
  const [width, height] = one.frame;
  const drawn = svg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, marks);
  const style = marks.length ? { "aspect-ratio": `${width} / ${height}` } : {};
  return h("span", { class: "error-picture", style }, image, marks.length ? drawn : null);
}

/** The mistake's picture on the stage, and its question (or expression, or boxes) asked again. */
async function reopen(store, model, { number, answer, prediction }) {
  const found = await api.mistake(model.name, number);
  const told = { shown: model.name, compared: null, step: null };
  store.set(await staged(found, () => api.mistakeImage(model.name, number))); // a fresh picture has no boxes yet
  if (found.kind === "region") {
    const recalled = { boxes: found.boxes, place: found.place, answer };
    store.set({ ...told, view: "regions", boxes: found.boxes, regionModel: model.name, recalled });
  }
  if (found.kind === "box") store.set({ ...told, view: "locate", expression: found.text });
  if (found.kind === "answer") {
    const recalled = { model: model.name, question: found.text, prediction };
    store.set({ ...told, view: "ask", question: found.text, recalled });
  }
  scrollTo({ top: 0 });
}
