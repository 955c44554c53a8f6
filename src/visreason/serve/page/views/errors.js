// Wrong answers as a gallery; one that can be seen again opens with its reasoning.

import { notify } from "../core/announce.js";
import { api } from "../core/api.js";
import { h } from "../core/dom.js";
import { percent, plainly } from "../core/text.js";

const FIRST = 12;

/** The gallery of a model's wrong answers, a dozen at first. */
export function errorGallery(store, model, errors) {
  const list = h("ol", { class: "errors" }, errors.slice(0, FIRST).map((one) => card(store, model, one)));
  const rest = errors.slice(FIRST);
  if (!rest.length) return list;
  const more = h("button", { class: "quiet-button", onclick: () => {
    list.append(...rest.map((one) => card(store, model, one)));
    more.remove();
    list.children[FIRST].querySelector("button")?.focus();
  } }, `Show ${rest.length} more`);
  return h("div", { class: "errors-frame" }, list, more);
}

function card(store, model, one) {
  const body = [
    h("span", { class: "error-question" }, one.question ?? one.image_filename),
    h("span", { class: "error-said" }, h("s", {}, one.prediction), h("span", { class: "unseen" }, " was said, the truth is "), h("b", {}, one.answer)),
    h("small", { class: "quiet" }, `${plainly(one.type)} · ${percent(one.probability)} sure`),
  ];
  return h("li", {}, h("div", { class: "error-face" }, body));
}
