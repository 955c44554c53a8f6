// The oracle's steps as a trace like any model's: its program, what each step finds, and where that is.

import { RADIUS, cameraOf } from "../scene/scene.js";
import { project, seenRadius } from "../scene/camera.js";
import { wordsInOrder } from "../core/text.js";

const OF_OBJECTS = /^(filter|unique|relate|same_|intersect|union)/;

/**
 * A trace of the true program, with the oracle in the place of the model.
 *
 * @param {string} text the question or the expression.
 * @param {Object} oracle of the response to `POST ask` or `POST locate`.
 * @param {Object} scene
 */
export function oracleTold(text, oracle, scene) {
  return {
    model: { name: "oracle", family: "the true program", number: null },
    trace: oracleTrace(text, oracle, scene),
  };
}

function oracleTrace(text, oracle, scene) {
  return {
    family: "oracle",
    words: wordsInOrder(text),
    size: [480, 320],
    answers: oracle.answer ? [{ index: 0, answer: oracle.answer, probability: 1 }] : [],
    steps: oracle.steps.map((step) => ({
      name: [step.function, ...step.value_inputs].join(" "),
      reads: step.inputs,
      value: step.finds,
      spots: OF_OBJECTS.test(step.function) ? spotsOf(step.objects, scene) : undefined,
    })),
  };
}

/** Where objects are seen: centres and radii in pixels of 480 x 320. */
function spotsOf(objects, scene) {
  return objects.map((n) => {
    const thing = scene.objects[n];
    const seen = project(thing["3d_coords"], cameraOf(scene));
    return { x: seen.x, y: seen.y, radius: 1.35 * seenRadius(RADIUS[thing.size], seen.depth) };
  });
}
