// Wrong answers as a gallery; one whose picture and question the server shows opens with its reasoning.

import { notify } from "../core/announce.js";
import { api } from "../core/api.js";
import { h } from "../core/dom.js";
import { percent, plainly } from "../core/text.js";
import { takePicture } from "../scene/gallery.js";

const FIRST = 12;

/**
 * The gallery of a model's wrong answers, a dozen at first.
 *
 * @param {Object} store
 * @param {Object} model
 * @param {string} split of the data that it was tested on.
 * @param {Object[]} errors as `GET models/{name}/results` tells them.
 */
export function errorGallery(store, model, split, errors) {
  const list = h(
    "ol",
    { class: "errors" },
    errors.slice(0, FIRST).map((one) => card(store, model, split, one)),
  );
  const rest = errors.slice(FIRST);
  if (!rest.length) return list;
  const more = h(
    "button",
    {
      class: "quiet-button",
      onclick: () => {
        list.append(...rest.map((one) => card(store, model, split, one)));
        more.remove();
        list.children[FIRST].querySelector("button")?.focus();
      },
    },
    `Show ${rest.length} more`,
  );
  return h("div", { class: "errors-frame" }, list, more);
}

function card(store, model, split, one) {
  const body = [
    h("span", { class: "error-question" }, one.question ?? one.image_filename),
    h(
      "span",
      { class: "error-said" },
      h("s", {}, one.prediction),
      h("span", { class: "unseen" }, " was said, the truth is "),
      h("b", {}, one.answer),
    ),
    h("small", { class: "quiet" }, `${one.type ? `${plainly(one.type)} · ` : ""}${percent(one.probability)} sure`),
  ];
  if (one.image === null || one.question === null) return h("li", {}, h("div", { class: "error-face" }, body));
  const open = () => reopen(store, model, split, one);
  return h(
    "li",
    {},
    h(
      "button",
      { class: "error-face", title: "See how it came about", onclick: open },
      thumbnail(split, one.image),
      body,
    ),
  );
}

function thumbnail(split, number) {
  const image = h("img", { alt: "" });
  api.dataImage(split, number).then(
    (picture) => (image.src = URL.createObjectURL(picture)),
    () => image.remove(),
  );
  return image;
}

/** The question on its picture again, with this model's reasoning. */
async function reopen(store, model, split, { image, question }) {
  try {
    await takePicture(store, split, image);
    store.set({ view: "ask", question, shown: model.name, compared: null, step: null });
    scrollTo({ top: 0 });
  } catch (error) {
    notify(error.message, "problem");
  }
}
