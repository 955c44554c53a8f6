// A line of text with completion over known words and an immediate note on unknown ones (WAI-ARIA's combobox).

import { byId, fill, h, icon } from "../core/dom.js";
import { allWords, completions, unknownWords } from "./vocabulary.js";

/**
 * Make an input of index.html complete words.
 *
 * @param {Object} told
 * @param {string} told.id of the input; `ID-list` and `ID-note` are the list of completions and the note.
 * @param {function(): Map<string, Set<string>>} told.vocabularies who knows which words.
 * @param {function(string)} told.submit is called with the text when it is to be asked.
 * @returns {{set: function(string), check: function}}
 */
export function makeWordBox({ id, vocabularies, submit }) {
  const [input, list, note] = [byId(id), byId(`${id}-list`), byId(`${id}-note`)];
  let offered = [];
  let active = -1;

  function close() {
    offered = [];
    active = -1;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function open() {
    const { start } = wordAt(input);
    offered = completions(start.toLowerCase(), allWords(vocabularies()));
    if (!offered.length) return close();
    active = -1;
    fill(list, offered.map((word, n) => h("li", { role: "option", id: `${id}-option-${n}`, "aria-selected": "false", onpointerdown: (event) => (event.preventDefault(), accept(n)) }, h("b", {}, start), word.slice(start.length))));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    input.removeAttribute("aria-activedescendant");
    return undefined;
  }

  function mark(next) {
    active = (next + offered.length) % offered.length;
    [...list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === active)));
    list.children[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", `${id}-option-${active}`);
  }

  function accept(n) {
    const { from, to } = wordAt(input);
    const word = offered[n] + (input.value[to] === undefined ? " " : "");
    input.setRangeText(word, from, to, "end");
    close();
    check();
    input.focus();
  }

  function check() {
    fill(note, unknownWords(input.value, vocabularies()).map((one) => unknownNote(one, vocabularies().size, replace)));
  }

  function replace(word, near) {
    input.value = input.value.replace(new RegExp(`(?<![\\w-])${word.replace(/\W/g, "\\$&")}(?![\\w-])`, "gi"), near);
    check();
    input.focus();
  }

  input.addEventListener("input", () => (open(), check()));
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (offered.length && event.key === "ArrowDown") mark(active + 1);
    else if (offered.length && event.key === "ArrowUp") mark(active < 0 ? offered.length - 1 : active - 1);
    else if (offered.length && event.key === "Tab" && !event.shiftKey) accept(Math.max(active, 0));
    else if (active >= 0 && event.key === "Enter") accept(active);
    else if (offered.length && event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  input.form.addEventListener("submit", (event) => {
    event.preventDefault();
    close();
    check();
    if (input.value.trim()) submit(input.value.trim());
  });
  return {
    check,
    set(text) {
      if (input.value.trim() !== text) input.value = text;
      check();
    },
  };
}

/** The word that the caret stands in or after: where it is, and its letters up to the caret. */
function wordAt(input) {
  const caret = input.selectionStart;
  const from = caret - /[\w-]*$/.exec(input.value.slice(0, caret))[0].length;
  const to = caret + /^[\w-]*/.exec(input.value.slice(caret))[0].length;
  return { from, to, start: input.value.slice(from, caret) };
}

function unknownNote({ word, near, models }, everybody, replace) {
  if (models.length < everybody) {
    return h("li", {}, icon("info"), h("span", {}, h("b", {}, word), ` is new to ${models.join(", ")}, who will sit this one out.`));
  }
  const offer = near ? [" Perhaps ", h("button", { type: "button", class: "link-button", onclick: () => replace(word, near) }, near), "?"] : null;
  return h("li", {}, icon("info"), h("span", {}, "Nobody here has learnt the word ", h("b", {}, word), ".", offer));
}
