// The words that the loaded models (or, without any, the oracle) know: which of a question's words are unknown to whom, and what is near them.

import { api } from "../core/api.js";
import { nearest, wordsOf } from "../core/text.js";

/**
 * The words of models, read once.
 *
 * @param {Object[]} models
 * @returns {Promise<Map<string, Set<string>>>} by name; models without words are left out.
 */
export async function readWords(models) {
  const asked = models.filter(({ task }) => task !== "regions");
  const lists = await Promise.all(asked.map(({ name }) => api.words(name).catch(() => ({ words: [] }))));
  const named = asked.map(({ name }, n) => [name, new Set(lists[n].words)]);
  return new Map(named.filter(([, words]) => words.size));
}

/** Every word that some model knows and that can be written, in the alphabet's order. */
export function allWords(vocabularies) {
  const words = new Set([...vocabularies.values()].flatMap((one) => [...one]));
  return [...words].filter((word) => /^\w/.test(word)).sort();
}

/**
 * What is to be said of a text's unknown words.
 *
 * @param {string} text
 * @param {Map<string, Set<string>>} vocabularies
 * @returns {{word: string, near: string|null, models: string[]}[]} each word that some models do not know, and the
 *   names of those; `near` where nobody knows it.
 */
export function unknownWords(text, vocabularies) {
  const known = allWords(vocabularies);
  return [...new Set(wordsOf(text))].flatMap((word) => {
    const models = [...vocabularies].filter(([, words]) => !words.has(word)).map(([name]) => name);
    if (!models.length) return [];
    return [{ word, models, near: models.length === vocabularies.size ? nearest(word, known) : null }];
  });
}

/** Known words that begin with what is written, those of more use first: shorter ones. */
export function completions(start, known, most = 7) {
  if (!start) return [];
  return known
    .filter((word) => word.startsWith(start) && word !== start)
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
    .slice(0, most);
}
