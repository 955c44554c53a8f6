// Light on the image: bright where a step looks, dark and grey elsewhere; or a glow round what mattered.

import { regionWeights } from "./links.js";

const DARKEST = "#4d4d4d"; // 0.3 of white
const FOR = [213, 94, 0];
const AGAINST = [0, 114, 178];
const GLOW = 0.6;

/** A canvas of these pixels. */
function sheet(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

/**
 * Draw what a step looks at: its map as a spotlight, the things it found, or a glow round what speaks for the answer
 * and against it; the plain image where it looks nowhere.
 *
 * @param {HTMLCanvasElement} canvas is given the image's proportions by whoever made it.
 * @param {CanvasImageSource} image
 * @param {Object|undefined} step of a trace.
 * @param {number[]} size width and height that the step's places refer to.
 */
export function drawStep(canvas, image, step, size) {
  if (step?.grid) drawSpotlight(canvas, image, step.grid);
  else if (step?.spots) drawThings(canvas, image, step.spots, size);
  else drawPlain(canvas, image);
  if (!step?.grid && step?.anchors && (step.pairs || step.regions)) drawGlow(canvas, step, size);
}

/**
 * Draw an image lit by a map: light * pixel + (1 - light) * DARKEST * grey(pixel), light = map / max(map).
 *
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasImageSource} image
 * @param {number[][]} grid weights of 0 or more that cover the image evenly.
 */
function drawSpotlight(canvas, image, grid) {
  drawLit(canvas, image, (over) => drawEvenly(over, mapSheet(grid), canvas.width, canvas.height));
}

/** Draw the image dark and grey, and over it as it is where `paint` puts light. */
function drawLit(canvas, image, paint) {
  const { width, height } = canvas;
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, height);
  context.drawImage(image, 0, 0, width, height);
  cover(context, "saturation", "#808080"); // grey; Safari has no canvas filters
  cover(context, "multiply", DARKEST);
  const lit = sheet(width, height);
  const over = lit.getContext("2d");
  over.imageSmoothingQuality = "high";
  paint(over);
  over.globalCompositeOperation = "source-in";
  over.drawImage(image, 0, 0, width, height);
  context.drawImage(lit, 0, 0);
}

/** Blend a colour with all that is drawn. */
function cover(context, how, colour) {
  context.globalCompositeOperation = how;
  context.fillStyle = colour;
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.globalCompositeOperation = "source-over";
}

/**
 * Draw an image lit round things, dark and grey elsewhere.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasImageSource} image
 * @param {{x: number, y: number, radius: number}[]} spots in pixels of `size`.
 * @param {number[]} size width and height.
 */
function drawThings(canvas, image, spots, size) {
  const { width, height } = canvas;
  const scale = width / size[0];
  const mask = sheet(width, height);
  const context = mask.getContext("2d");
  for (const { x, y, radius } of spots) {
    const [px, py, reach] = [x * scale, y * scale, radius * scale];
    const light = context.createRadialGradient(px, py, 0.8 * reach, px, py, 1.25 * reach);
    light.addColorStop(0, "#000");
    light.addColorStop(1, "#0000");
    context.fillStyle = light;
    context.fillRect(px - 1.3 * reach, py - 1.3 * reach, 2.6 * reach, 2.6 * reach);
  }
  drawLit(canvas, image, (over) => over.drawImage(mask, 0, 0));
}

/** Draw the image as it is. */
function drawPlain(canvas, image) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
}

/** Cells as pixels whose opacity is their share of the strongest, with the edge's cells repeated once outwards. */
function mapSheet(grid) {
  const [rows, columns] = [grid.length, grid[0].length];
  const most = Math.max(...grid.flat(), 1e-12);
  const canvas = sheet(columns + 2, rows + 2);
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(columns + 2, rows + 2);
  for (let y = 0; y < rows + 2; y += 1) {
    for (let x = 0; x < columns + 2; x += 1) {
      const row = Math.min(Math.max(y - 1, 0), rows - 1);
      const column = Math.min(Math.max(x - 1, 0), columns - 1);
      pixels.data[4 * (y * (columns + 2) + x) + 3] = Math.round((255 * Math.max(grid[row][column], 0)) / most);
    }
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

/** The map without its repeated edge, stretched over the whole; smoothing reads the edge and so leaves no rim. */
function drawEvenly(context, map, width, height) {
  const [wide, high] = [width / (map.width - 2), height / (map.height - 2)];
  context.drawImage(map, -wide, -high, width + 2 * wide, height + 2 * high);
}

/**
 * Draw the regions' weights as soft light round their anchors onto what is there.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Object} step with anchors, and regions or pairs.
 * @param {number[]} size width and height that the anchors refer to.
 */
function drawGlow(canvas, step, size) {
  const [width, height] = [Math.round(canvas.width / 4), Math.round(canvas.height / 4)];
  const [rows, columns] = step.cells ?? [0, 0];
  const reachX = columns ? (0.55 * width) / columns : width / 24;
  const reachY = rows ? (0.55 * height) / rows : width / 24;
  const light = new Float32Array(width * height);
  regionWeights(step).forEach((weight, n) => {
    const [x, y] = [(step.anchors[n][0] / size[0]) * width, (step.anchors[n][1] / size[1]) * height];
    const across = Float32Array.from({ length: width }, (_, i) => Math.exp(-(((i + 0.5 - x) / reachX) ** 2) / 2));
    for (let j = 0; j < height; j += 1) {
      const down = weight * Math.exp(-(((j + 0.5 - y) / reachY) ** 2) / 2);
      if (Math.abs(down) < 1e-9) continue;
      for (let i = 0; i < width; i += 1) light[j * width + i] += down * across[i];
    }
  });
  const glow = sheet(width, height);
  const context = glow.getContext("2d");
  context.putImageData(colours(light, width, height), 0, 0);
  const over = canvas.getContext("2d");
  over.imageSmoothingQuality = "high";
  over.drawImage(glow, 0, 0, canvas.width, canvas.height);
}

function colours(light, width, height) {
  const pixels = new ImageData(width, height);
  const most = light.reduce((best, value) => Math.max(best, Math.abs(value)), 1e-12);
  light.forEach((value, n) => {
    const colour = value > 0 ? FOR : AGAINST;
    pixels.data.set([...colour, Math.round((255 * GLOW * Math.abs(value)) / most)], 4 * n);
  });
  return pixels;
}
