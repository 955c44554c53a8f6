// Links and dots over the image: orange and unbroken speaks for the answer, blue and dashed against it.

import { svg } from "../core/dom.js";
import { signed } from "../core/text.js";
import { findLinks, findSpots } from "./links.js";

const BEND = 0.22;
const LABELLED = 4;

/**
 * An SVG layer over an image of this step's links, or null where it has none.
 *
 * @param {Object} step
 * @param {number[]} size width and height that the step's anchors refer to.
 */
export function linkLayer(step, size) {
  const scale = 480 / size[0];
  const spots = findSpots(step).map((spot) => ({ ...spot, x: spot.x * scale, y: spot.y * scale }));
  const links = findLinks(step, spots);
  if (!links.length) return null;
  const strongest = Math.abs(links[0].weight) || 1;
  const used = [...new Set(links.flatMap(({ first, second }) => [first, second]))];
  return svg(
    "svg",
    { viewBox: `0 0 480 ${size[1] * scale}`, class: "links", "aria-hidden": "true" },
    [...links].reverse().map((link) => drawnLink(link, spots, strongest)),
    used.map((n) =>
      svg(
        "circle",
        { cx: spots[n].x, cy: spots[n].y, r: 4.5, class: `dot ${side(spots[n].weight)}` },
        svg("title", {}, signed(spots[n].weight)),
      ),
    ),
    links.slice(0, LABELLED).map((link) => label(link, spots)),
  );
}

/**
 * What the links say, for those who do not see them.
 *
 * @param {Object} step
 * @param {string[]} names of the objects, empty where they are not known.
 * @returns {{text: string, weight: number}[]}
 */
export function linksInWords(step, names) {
  const spots = findSpots(step);
  const name = (spot) =>
    (spot.members.length === 1 && names[spot.members[0]]) ||
    `the thing at ${Math.round(spot.x)}, ${Math.round(spot.y)}`;
  return findLinks(step, spots).map(({ first, second, weight }) => {
    const pair =
      first === second ? `${name(spots[first])} by itself` : `${name(spots[first])} with ${name(spots[second])}`;
    return { text: pair, weight };
  });
}

function side(weight) {
  return weight >= 0 ? "for" : "against";
}

function drawnLink({ first, second, weight }, spots, strongest) {
  const [one, other] = [spots[first], spots[second]];
  const width = 0.9 + (2.8 * Math.abs(weight)) / strongest;
  const shape = (props) => {
    if (first === second) return svg("circle", { cx: one.x, cy: one.y, r: 13, ...props });
    const [x, y] = control(one, other);
    return svg("path", { d: `M${one.x} ${one.y}Q${x} ${y} ${other.x} ${other.y}`, ...props });
  };
  const dashes = weight < 0 ? `${2.2 * width} ${width}` : null;
  return svg(
    "g",
    { class: `link ${side(weight)}` },
    svg("title", {}, signed(weight)),
    shape({ class: "halo", "stroke-width": width + 1.8 }),
    shape({ "stroke-width": width, "stroke-dasharray": dashes }),
  );
}

function label({ first, second, weight }, spots) {
  const [one, other] = [spots[first], spots[second]];
  const [x, y] = control(one, other);
  const place =
    first === second ? [one.x, one.y - 18] : [(one.x + other.x) / 4 + x / 2, (one.y + other.y) / 4 + y / 2 + 3.5];
  return svg("text", { x: place[0], y: place[1], class: side(weight) }, signed(weight));
}

/** The control point of the curve between two spots, which bends upwards. */
function control(one, other) {
  const [dx, dy] = [other.x - one.x, other.y - one.y];
  const bend = dx >= 0 ? BEND : -BEND;
  return [(one.x + other.x) / 2 + bend * dy, (one.y + other.y) / 2 - bend * dx];
}
