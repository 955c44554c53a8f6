// Words and numbers as people read them.

/** A probability in percent. */
export function percent(share, digits = 1) {
  if (share > 0 && share < 0.0005) return "< 0.1 %";
  return `${(100 * share).toFixed(digits)} %`;
}

/** A weight with its sign. */
export function signed(weight, digits = 1) {
  const text = Math.abs(weight).toFixed(digits);
  return weight < 0 ? `−${text}` : `+${text}`;
}

/** "3 models", "1 model". */
export function counted(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** "query_color" as people say it. */
export function plainly(name) {
  return name.replaceAll("_", " ");
}

/** The words of a text as the models count them: lower case, closing marks left out. */
export function wordsOf(text) {
  return text.toLowerCase().match(/[^\s?.,;:!"]+/g) ?? [];
}

/** A text's words and marks in order, as the models read them. */
export function wordsInOrder(text) {
  return text.toLowerCase().match(/[^\s?.,;:!"]+|[?.,;:!]/g) ?? [];
}

/** A question's words as they are written, each with whether a space comes before it. */
export function written(words) {
  return words.map((word, place) => ({
    text: place === 0 ? word.charAt(0).toUpperCase() + word.slice(1) : word,
    spaced: place > 0 && !"?.,;:!)".includes(word),
  }));
}

/** How many letters must be changed, put in or taken out to turn one word into another. */
export function letters(one, other) {
  let row = Array.from({ length: other.length + 1 }, (_, place) => place);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const kept = row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(kept, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[other.length];
}

/** The known word nearest to one that is not, or null where none is near. */
export function nearest(word, known) {
  let best = null;
  let least = Math.max(2, Math.ceil(word.length / 2)) + 1;
  for (const candidate of known) {
    const distance = letters(word, candidate);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}
