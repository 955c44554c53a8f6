// From a pair map to a few things and the links between them, as `visreason.trace.links` draws them: the cells of a
// grid are gathered into spots first, and all pairs between two spots into one link.

const MOST_SPOTS = 10;
const MOST_LINKS = 6;
const FAINTEST = 0.12;

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

/** How much each region speaks for the answer; of a grid's cells, how much more than its row's median. */
export function regionWeights(step) {
  const weights =
    step.regions ?? step.pairs.map((row, n) => (sum(row) + sum(step.pairs.map((other) => other[n]))) / 2);
  if (!step.cells) return weights;
  const columns = step.cells[1];
  const floors = Array.from({ length: step.cells[0] }, (_, row) =>
    median(weights.slice(row * columns, (row + 1) * columns)),
  );
  return weights.map((weight, n) => weight - floors[Math.floor(n / columns)]);
}

/** Both orders of a pair together, the diagonal once; of cells, how much more than the median pair. */
function pairWeights(step) {
  const floor = step.cells ? median(step.pairs.flat()) : 0;
  return step.pairs.map((row, i) =>
    row.map((weight, j) => (i === j ? weight - floor : weight + step.pairs[j][i] - 2 * floor)),
  );
}

/** The things that a step weighs, each `{x, y, weight, members}`, strongest first where they are gathered cells. */
export function findSpots(step) {
  if (!step.anchors || !(step.regions || step.pairs)) return [];
  const weights = regionWeights(step);
  if (!step.cells) {
    return step.anchors.map(([x, y], n) => ({ x, y, weight: weights[n], members: [n] }));
  }
  const columns = step.cells[1];
  const spread = [0, 1].map((axis) => {
    const along = step.anchors.map((anchor) => anchor[axis]);
    return (Math.max(...along) - Math.min(...along)) / Math.max(step.cells[1 - axis] - 1, 1);
  });
  const free = step.anchors.map(([x, y]) => x >= spread[0] / 4 && y >= spread[1] / 4);
  const strength = weights.map(Math.abs);
  const strongest = Math.max(...strength);
  const spots = [];
  while (spots.length < MOST_SPOTS) {
    let peak = -1;
    free.forEach((isFree, n) => {
      if (isFree && (peak < 0 || strength[n] > strength[peak])) peak = n;
    });
    if (peak < 0 || strength[peak] <= FAINTEST * strongest) break;
    const touches = (n) =>
      Math.abs(Math.floor(n / columns) - Math.floor(peak / columns)) <= 1 &&
      Math.abs((n % columns) - (peak % columns)) <= 1;
    const members = [...weights.keys()].filter((n) => free[n] && touches(n));
    const total = sum(members.map((n) => strength[n]));
    const [x, y] = [0, 1].map((axis) => sum(members.map((n) => step.anchors[n][axis] * strength[n])) / total);
    spots.push({ x, y, weight: sum(members.map((n) => weights[n])), members });
    members.forEach((n) => (free[n] = false));
  }
  return spots;
}

/** The strongest links between spots, each `{first, second, weight}`, strongest first. */
export function findLinks(step, spots) {
  if (!step.pairs || !spots.length) return [];
  const pairs = pairWeights(step);
  const links = [];
  spots.forEach((one, first) => {
    spots.slice(first).forEach((other, offset) => {
      const weights = one.members.flatMap((i) =>
        other.members.filter((j) => offset || j >= i).map((j) => pairs[i][j]),
      );
      links.push({ first, second: first + offset, weight: sum(weights) });
    });
  });
  links.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  return links.slice(0, MOST_LINKS).filter((link) => Math.abs(link.weight) > FAINTEST * Math.abs(links[0].weight));
}
