// CLEVR's camera: where a point of the world is seen, and which point of a level plane is seen somewhere.
//
// It looks at the origin, z up, through a 35 mm lens on a 32 mm wide sensor. With c its place, f = -c/|c| its view
// axis, r = f x z / |f x z| and u = r x f:
//
//   depth = (p - c).f      px = W/2 + F (p - c).r / depth      py = H/2 - F (p - c).u / depth      F = 35/32 W

export const BASE_CAMERA = [7.481132, -6.50764, 5.343665];
export const WIDTH = 480;
export const HEIGHT = 320;
const FOCAL = (35 / 32) * WIDTH;

function dot(a, b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** The camera's axes in the world: right, up and forward. */
function axes([x, y, z]) {
  const flat = Math.hypot(x, y);
  const far = Math.hypot(x, y, z);
  return {
    right: [-y / flat, x / flat, 0],
    up: [(-x * z) / (flat * far), (-y * z) / (flat * far), flat / far],
    forward: [-x / far, -y / far, -z / far],
  };
}

/** Where a point is seen on a 480 x 320 image: x, y and its depth along the view axis. */
export function project(point, camera) {
  const { right, up, forward } = axes(camera);
  const offset = point.map((value, axis) => value - camera[axis]);
  const depth = dot(offset, forward);
  return {
    x: WIDTH / 2 + (FOCAL * dot(offset, right)) / depth,
    y: HEIGHT / 2 - (FOCAL * dot(offset, up)) / depth,
    depth,
  };
}

/**
 * The point at height `level` that is seen at (x, y) of a 480 x 320 image; null above the horizon.
 */
export function unproject(x, y, level, camera) {
  const { right, up, forward } = axes(camera);
  const across = (x - WIDTH / 2) / FOCAL;
  const upwards = (HEIGHT / 2 - y) / FOCAL;
  const ray = forward.map((value, axis) => value + across * right[axis] + upwards * up[axis]);
  if (ray[2] > -1e-3) return null;
  const far = (level - camera[2]) / ray[2];
  return camera.map((value, axis) => value + far * ray[axis]);
}

/** Half the height, in pixels, of a ball of this radius at this depth. */
export function seenRadius(radius, depth) {
  return (FOCAL * radius) / depth;
}
