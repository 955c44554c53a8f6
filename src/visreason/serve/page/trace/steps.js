// What a step is called, what it says, and what the stack holds after it: read from a trace, nothing drawn.

const MOST_WORDS = 3;

/** The step's name, with the words it attends to where it attends to some. */
export function stepName(step, words) {
  const attention = step.text_attention;
  const plain = step.name
    .replace(/\[(.+)\]$/, " $1")
    .replaceAll("_", " ")
    .replace(/^filter (color|material|shape|size) (?=\w)/, "filter ");
  if (step.grid === undefined || !attention || attention.length !== words.length || Math.max(...attention) <= 0)
    return plain;
  if (new Set(attention).size === 1) return plain;
  const most = Math.max(...attention);
  const strong = [...attention.keys()].filter((n) => attention[n] >= most / 2 && /\w/.test(words[n]));
  const best = strong
    .sort((a, b) => attention[b] - attention[a])
    .slice(0, MOST_WORDS)
    .sort((a, b) => a - b);
  if (!best.length) return plain;
  const quoted = `“${best.map((n) => words[n]).join(" ")}”`;
  return plain.startsWith("word ") ? quoted : `${plain} ${quoted}`;
}

/**
 * Which steps' results wait on the stack after step `place`, the lowest first.
 *
 * A step takes what it reads from the stack and puts its own result there, where it has one: a map, or a value that a
 * later step reads.
 */
export function stackAfter(steps, place) {
  const wanted = new Set(steps.flatMap((step) => step.reads ?? []));
  let held = [];
  for (let n = 0; n <= place; n += 1) {
    const taken = steps[n].reads ?? [];
    held = held.filter((one) => !taken.includes(one));
    if (steps[n].grid || wanted.has(n)) held.push(n); // what nobody reads and has no map is the answer
  }
  return held;
}

/**
 * Each word's part in the answer as a share of the strongest, from -1 to 1: of one step, or of all together where
 * that step attends to no words.
 */
export function wordShares(trace, place) {
  const fits = (step) => step?.text_attention?.length === trace.words.length;
  const own = trace.steps[place];
  const rows = (fits(own) ? [own] : trace.steps.filter(fits)).map((step) => step.text_attention);
  let totals = trace.words.map((_, n) => rows.reduce((sum, row) => sum + row[n], 0));
  if (new Set(totals).size === 1) totals = totals.map(() => 0);
  const strongest = Math.max(...totals.map(Math.abs), 0);
  return totals.map((total) => (strongest > 0 ? total / strongest : 0));
}

/** Whether a step has something to show on the image. */
export function looks(step) {
  return Boolean(step?.grid || step?.spots || ((step?.pairs || step?.regions) && step.anchors));
}
