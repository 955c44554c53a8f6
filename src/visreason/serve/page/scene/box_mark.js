// A box on the picture: its outline, and a tag with its letter or number.

import { svg } from "../core/dom.js";

/** The size in whose pixels boxes are given: the uploaded picture's own, or CLEVR's 480 x 320. */
export function frameOf({ upload, picture }) {
  return upload && picture ? [picture.image.naturalWidth, picture.image.naturalHeight] : [480, 320];
}

/**
 * The mark of a box.
 *
 * @param {number[]} box x, y, width and height in pixels of `frame`.
 * @param {string} text its tag.
 * @param {number[]} frame width and height.
 * @param {Object} props of the group: class, role, label, listeners.
 * @param {boolean} atRight whether the tag is at the right, where it meets no other's.
 */
export function boxMark([x, y, width, height], text, frame, props, atRight = false) {
  const unit = frame[0] / 480;
  const side = 18 * unit;
  const wide = Math.max(side, (6 + 7.5 * text.length) * unit);
  const tagY = y >= side ? y - side : y;
  const tagX = atRight ? x + width - wide : x;
  const at = { x, y, width: Math.max(width, 1), height: Math.max(height, 1) };
  const tag = svg("text", { transform: `translate(${tagX + wide / 2} ${tagY + side / 2}) scale(${unit})` }, text);
  return svg(
    "g",
    props,
    svg("rect", { class: "halo", ...at }),
    svg("rect", { class: "line", ...at }),
    svg("rect", { class: "tag", x: tagX, y: tagY, width: wide, height: side, rx: 4 * unit }),
    tag,
  );
}
