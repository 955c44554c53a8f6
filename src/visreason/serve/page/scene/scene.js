// A CLEVR scene as the page edits it: plain records as in `scenes/CLEVR_*_scenes.json`; every edit makes a new one.

import { BASE_CAMERA, project } from "./camera.js";

export const ATTRIBUTES = {
  color: ["gray", "red", "blue", "green", "brown", "purple", "cyan", "yellow"],
  shape: ["cube", "sphere", "cylinder"],
  size: ["large", "small"],
  material: ["rubber", "metal"],
};

export const RADIUS = { large: 0.7, small: 0.35 };

/** Objects stand at x and y from -EXTENT to EXTENT. */
export const EXTENT = 3;

/** As many objects as CLEVR's scenes have at most. */
export const MOST_OBJECTS = 10;

/** The floor's directions, in world space, as CLEVR's relations have them. */
export const DIRECTIONS = {
  right: [0.6563112735748291, 0.7544902563095093, 0],
  behind: [-0.754490315914154, 0.6563112735748291, 0],
  above: [0, 0, 1],
  below: [0, 0, -1],
  left: [-0.6563112735748291, -0.7544902563095093, 0],
  front: [0.754490315914154, -0.6563112735748291, 0],
};

const RELATIONS = ["left", "right", "behind", "front"];
const CLEARLY = 0.2;
const GAP = 0.25;
const ASIDE = 0.4;

/** An object in words, as questions name it. */
export function describe(thing) {
  return `${thing.size} ${thing.color} ${thing.material} ${thing.shape}`;
}

/** Where the scene's camera stands. */
export function cameraOf(scene) {
  return scene.camera ?? BASE_CAMERA;
}

/** A scene with its derived numbers made again: heights, pixels, relations. */
export function settled(scene) {
  const camera = cameraOf(scene);
  const directions = scene.directions ?? DIRECTIONS;
  const objects = scene.objects.map((thing) => {
    const place = [thing["3d_coords"][0], thing["3d_coords"][1], RADIUS[thing.size]];
    const seen = project(place, camera);
    return { ...thing, "3d_coords": place, pixel_coords: [Math.round(seen.x), Math.round(seen.y), seen.depth] };
  });
  return { ...scene, camera, directions, objects, relationships: relationships(objects, directions) };
}

/** Who stands where: object j in relation d to object i when (p_j - p_i).d > 0.2. */
function relationships(objects, directions) {
  const found = {};
  for (const name of RELATIONS) {
    const along = objects.map((thing) =>
      directions[name].reduce((sum, part, axis) => sum + part * thing["3d_coords"][axis], 0),
    );
    found[name] = along.map((here) => along.flatMap((there, j) => (there - here > CLEARLY ? [j] : [])));
  }
  return found;
}

/** The scene with one object changed. */
export function changed(scene, place, patch) {
  const objects = scene.objects.map((thing, number) => (number === place ? { ...thing, ...patch } : thing));
  return settled({ ...scene, objects });
}

/** The scene with one object put at (x, y), kept on the floor. */
export function moved(scene, place, x, y) {
  const rounded = [x, y].map((value) => Number(Math.min(EXTENT, Math.max(-EXTENT, value)).toFixed(3)));
  return changed(scene, place, { "3d_coords": [...rounded, 0] });
}

/** The scene without one object. */
export function without(scene, place) {
  return settled({ ...scene, objects: scene.objects.filter((_, number) => number !== place) });
}

/** The scene with another object where there is room; null where there is none. */
export function extended(scene, attributes, random = Math.random) {
  for (let tries = 0; tries < 400; tries += 1) {
    const spot = [0, 0].map(() => (2 * random() - 1) * EXTENT * (tries < 200 ? 0.8 : 1));
    if (isFree(scene, spot, RADIUS[attributes.size])) {
      const place = [Number(spot[0].toFixed(3)), Number(spot[1].toFixed(3)), 0];
      const thing = {
        ...attributes,
        "3d_coords": place,
        rotation: Number((6.28 * random()).toFixed(2)),
        pixel_coords: [0, 0, 0],
      };
      return settled({ ...scene, objects: [...scene.objects, thing] });
    }
  }
  return null;
}

/** Attributes that no object of the scene has, if there are any. */
export function newcomer(scene, random = Math.random) {
  const draw = () =>
    Object.fromEntries(
      Object.entries(ATTRIBUTES).map(([name, words]) => [name, words[Math.floor(random() * words.length)]]),
    );
  const taken = new Set(scene.objects.map(describe));
  let one = draw();
  for (let tries = 0; taken.has(describe(one)) && tries < 50; tries += 1) one = draw();
  return one;
}

function isFree(scene, [x, y], radius) {
  return scene.objects.every((thing) => {
    const [dx, dy] = [x - thing["3d_coords"][0], y - thing["3d_coords"][1]];
    const apart = Math.hypot(dx, dy) - radius - RADIUS[thing.size];
    const beside = ["right", "behind"].map((name) => Math.abs(dx * DIRECTIONS[name][0] + dy * DIRECTIONS[name][1]));
    return apart >= GAP && Math.min(...beside) >= ASIDE;
  });
}
