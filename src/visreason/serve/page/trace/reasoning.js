// The section that shows the reasoning of one model, or of two side by side, at one step.

import { byId, fill, h } from "../core/dom.js";
import { counted } from "../core/text.js";
import { makePlayer } from "./player.js";
import { looks, stepName } from "./steps.js";
import { redraw } from "./viewer.js";

/**
 * Where another trace stands when the longest one stands at `place`.
 *
 * @example follow(4, 9, 3) is 1: half way
 */
function follow(place, longest, count) {
  return longest < 2 ? 0 : Math.round((place / (longest - 1)) * (count - 1));
}

/** The step to begin with: the last that looks somewhere. */
function bestStep(trace) {
  const last = trace.steps.findLastIndex(looks);
  return last < 0 ? Math.max(0, trace.steps.length - 1) : last;
}

/**
 * Keep the section in step with the store.
 *
 * The store's `told` is a list of `{model, trace}`, `shown` and `compared` are names of models in it (`compared` may
 * be null), `step` a place on the longest of both, or null for the best of the first.
 */
export function startReasoning(store) {
  const player = makePlayer((step) => store.set({ step }));
  byId("shown").addEventListener("change", (event) => store.set({ shown: event.target.value, step: null }));
  byId("compared").addEventListener("change", (event) =>
    store.set({ compared: event.target.value || null, step: null }),
  );
  store.on(["told", "shown", "compared", "step", "picture", "scene"], () => show(store, player));
  store.on(["shown", "compared", "told"], () => player.stop());
  show(store, player);
}

/** Those of the store's traces that are to be seen, the first first. */
function chosen({ told, shown, compared }) {
  const first = told.find((one) => one.model.name === shown) ?? told[0];
  const second = told.find((one) => one.model.name === compared && one !== first);
  return [first, second].filter(Boolean);
}

function show(store, player) {
  const { told, picture } = store.state;
  const seen = chosen(store.state);
  byId("reasoning").hidden = !seen.length || !picture;
  if (!seen.length || !picture) {
    player.stop();
    return;
  }
  offer(told, seen);
  const longest = Math.max(...seen.map(({ trace }) => trace.steps.length));
  const first = seen[0].trace;
  const step = Math.min(longest - 1, store.state.step ?? opposite(bestStep(first), first.steps.length, longest));
  const places = seen.map(({ trace }) => follow(step, longest, trace.steps.length));
  const panels = byId("viewers");
  if (panels.children.length !== seen.length)
    fill(
      panels,
      seen.map(() => h("div")),
    );
  panels.classList.toggle("two", seen.length > 1);
  seen.forEach(({ model, trace }, n) => {
    const choose = (place) => {
      player.stop();
      store.set({ step: opposite(place, trace.steps.length, longest) });
    };
    redraw(panels.children[n], {
      model,
      trace,
      image: picture.image,
      names: store.state.names,
      place: places[n],
      choose,
    });
  });
  player.show({ count: longest, place: step, text: stepText(seen, places) });
}

/** The place on the longest trace at which one of `count` steps stands at `place`. */
function opposite(place, count, longest) {
  return count < 2 ? Math.max(0, longest - 1) : Math.round((place / (count - 1)) * (longest - 1));
}

function stepText(seen, places) {
  const parts = seen.map(({ model, trace }, n) => {
    const step = trace.steps[places[n]];
    const name = step ? stepName(step, trace.words) : "no steps";
    return seen.length > 1
      ? `${model.name}: ${name}`
      : `Step ${places[n] + 1} of ${counted(trace.steps.length, "step").split(" ")[0]}: ${name}`;
  });
  return parts.join(" · ");
}

/** The two lists of models to choose from. */
function offer(told, seen) {
  const names = told.map(({ model }) => model.name);
  const [first, second] = seen.map(({ model }) => model.name);
  choices(byId("shown"), names, first);
  choices(byId("compared"), ["", ...names.filter((name) => name !== first)], second ?? "");
  byId("compare-field").hidden = names.length < 2;
}

function choices(select, names, current) {
  const same = [...select.options].map((option) => option.value).join("\n") === names.join("\n");
  if (!same)
    fill(
      select,
      names.map((name) => h("option", { value: name }, name || "nobody")),
    );
  select.value = current;
}
