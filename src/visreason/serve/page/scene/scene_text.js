// A scene as a short text for addresses: "large-red-metal-cube@1.2,-0.35,57~…", the camera, the lamps.

import { ATTRIBUTES, DIRECTIONS, EXTENT, settled } from "./scene.js";

const SHORT = /^(large|small)-([a-z]+)-(rubber|metal)-([a-z]+)@(-?[\d.]+),(-?[\d.]+),(-?[\d.]+)$/;
const LAMPS = ["key", "fill", "back"];
const MOST = 30;

/** Numbers as short as they can be at three digits. */
function brief(values) {
  return values.map((value) => String(Number(value.toFixed(3)))).join(",");
}

/** The scene's texts by name: `scene`, and `camera` and `lamps` where it has them. */
export function sceneToText(scene) {
  const things = scene.objects.map((thing) => {
    const [x, y] = thing["3d_coords"];
    return `${thing.size}-${thing.color}-${thing.material}-${thing.shape}@${brief([x, y, thing.rotation])}`;
  });
  const told = { scene: things.join("~") };
  if (scene.camera) told.camera = brief(scene.camera);
  if (scene.lamps) told.lamps = brief(LAMPS.flatMap((name) => scene.lamps[name]));
  return told;
}

/** The scene of such texts, or null where they are none. */
export function sceneFromText({ scene, camera, lamps }) {
  const parts = (scene ?? "").split("~").filter(Boolean).slice(0, MOST).map(thingFromText);
  if (!parts.length || parts.includes(null)) return null;
  const record = {
    split: "studio",
    image_index: 0,
    image_filename: "CLEVR_studio_000000.png",
    directions: DIRECTIONS,
    objects: parts,
    camera: numbersOf(camera, 3) ?? undefined,
  };
  const rows = numbersOf(lamps, 9);
  if (rows) record.lamps = Object.fromEntries(LAMPS.map((name, row) => [name, rows.slice(3 * row, 3 * row + 3)]));
  return settled(record);
}

function thingFromText(text) {
  const found = SHORT.exec(text);
  if (!found) return null;
  const [, size, color, material, shape, ...rest] = found;
  const [x, y, rotation] = rest.map(Number);
  const known = ATTRIBUTES.color.includes(color) && ATTRIBUTES.shape.includes(shape);
  if (!known || ![x, y, rotation].every(Number.isFinite) || Math.max(Math.abs(x), Math.abs(y)) > EXTENT + 1)
    return null;
  return { size, color, material, shape, "3d_coords": [x, y, 0], rotation, pixel_coords: [0, 0, 0] };
}

function numbersOf(text, count) {
  const values = (text ?? "").split(",").map(Number);
  return values.length === count && values.every(Number.isFinite) ? values : null;
}
