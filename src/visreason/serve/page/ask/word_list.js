// The list of words to go on with below a line of text: the list part of WAI-ARIA's combobox.

import { byId, fill, h } from "../core/dom.js";
import { completions } from "./vocabulary.js";

/**
 * Let an input of index.html offer words.
 *
 * @param {HTMLInputElement} input with an id; `ID-list` is its list.
 * @param {function(): string[]} known the words that may be offered.
 * @param {function()} accepted is called when a word has been put into the line.
 * @returns {{open: function, close: function}}
 */
export function makeWordList(input, known, accepted) {
  const list = byId(`${input.id}-list`);
  let offered = [];
  let active = -1;

  function show(words) {
    offered = words;
    active = -1;
    list.hidden = !words.length;
    input.setAttribute("aria-expanded", String(words.length > 0));
    input.removeAttribute("aria-activedescendant");
  }

  function open() {
    const { start } = wordAt(input);
    show(completions(start.toLowerCase(), known()));
    fill(
      list,
      offered.map((word, n) => option(`${input.id}-option-${n}`, start, word, () => accept(n))),
    );
  }

  function mark(next) {
    active = (next + offered.length) % offered.length;
    [...list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === active)));
    list.children[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", list.children[active].id);
  }

  function accept(n) {
    const { from, to } = wordAt(input);
    input.setRangeText(offered[n] + (to === input.value.length ? " " : ""), from, to, "end");
    show([]);
    accepted();
    input.focus();
  }

  function onKey(event) {
    const unfinished = () => !known().includes(wordAt(input).start.toLowerCase());
    if (event.key === "ArrowDown") mark(active + 1);
    else if (event.key === "ArrowUp") mark(active < 0 ? offered.length - 1 : active - 1);
    else if (event.key === "Tab" && !event.shiftKey && (active >= 0 || unfinished())) accept(Math.max(active, 0));
    else if (event.key === "Enter" && active >= 0) accept(active);
    else if (event.key === "Escape") show([]);
    else return;
    event.preventDefault();
  }

  input.addEventListener("blur", () => show([]));
  input.addEventListener("keydown", (event) => offered.length && onKey(event));
  return { open, close: () => show([]) };
}

function option(id, start, word, choose) {
  const press = (event) => {
    event.preventDefault(); // the line keeps the focus
    choose();
  };
  const rest = word.slice(start.length);
  return h("li", { role: "option", id, "aria-selected": "false", onpointerdown: press }, h("b", {}, start), rest);
}

/** The word that the caret stands in or after: where it is, and its letters up to the caret. */
function wordAt(input) {
  const caret = input.selectionStart;
  const from = caret - /[\w-]*$/.exec(input.value.slice(0, caret))[0].length;
  const to = caret + /^[\w-]*/.exec(input.value.slice(caret))[0].length;
  return { from, to, start: input.value.slice(from, caret) };
}
