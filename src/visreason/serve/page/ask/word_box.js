// A line of text that helps with its words: completion, and an immediate note on those that nobody knows.

import { byId, fill, h, icon } from "../core/dom.js";
import { allWords, unknownWords } from "./vocabulary.js";
import { makeWordList } from "./word_list.js";

/**
 * Make an input of index.html help with its words.
 *
 * @param {Object} told
 * @param {string} told.id of the input; `ID-list` and `ID-note` are the list of completions and the note.
 * @param {function(): Map<string, Set<string>>} told.vocabularies who knows which words.
 * @param {function(string)} told.submit is called with the text when it is to be asked.
 * @returns {{set: function(string), check: function}}
 */
export function makeWordBox({ id, vocabularies, submit }) {
  const [input, note] = [byId(id), byId(`${id}-note`)];
  const list = makeWordList(input, () => allWords(vocabularies()), check);

  function check() {
    const [unknown, everybody] = [unknownWords(input.value, vocabularies()), vocabularies().size];
    fill(
      note,
      unknown.filter(({ models }) => models.length === everybody).map((one) => newToAll(one, replace)),
      newToSome(unknown.filter(({ models }) => models.length < everybody)),
    );
  }

  function replace(word, near) {
    const whole = new RegExp(`(?<![\\w-])${word.replace(/\W/g, "\\$&")}(?![\\w-])`, "gi");
    input.value = input.value.replace(whole, near);
    check();
    input.focus();
  }

  input.addEventListener("input", () => {
    list.open();
    check();
  });
  input.form.addEventListener("submit", (event) => {
    event.preventDefault();
    list.close();
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

/** Words that only some know, those together that are new to the same models. */
function newToSome(unknown) {
  const groups = new Map();
  for (const { word, models } of unknown) {
    const names = models.join(", ");
    groups.set(names, [...(groups.get(names) ?? []), word]);
  }
  return [...groups].map(([names, words]) => {
    const text = ` ${words.length > 1 ? "are" : "is"} new to ${names}, who will sit this one out.`;
    return h("li", {}, icon("info"), h("span", {}, h("b", {}, words.join(", ")), text));
  });
}

function newToAll({ word, near }, replace) {
  const take = () => replace(word, near);
  const offer = near && [
    " Perhaps ",
    h("button", { type: "button", class: "link-button", onclick: take }, near),
    "?",
  ];
  return h("li", {}, icon("info"), h("span", {}, "Nobody here has learnt the word ", h("b", {}, word), ".", offer));
}
