// Going through the steps: play, back, on, and a slider to scrub; two models side by side move together.

import { byId, fill, icon } from "../core/dom.js";

const BEAT = 1100;

/**
 * The player of index.html.
 *
 * @param {function(number)} moved is called with the new place on the longest trace's steps.
 * @returns {{show: function({count: number, place: number, text: string}), stop: function}} `show` tells it how many
 *   steps there are, where it stands, and what to say of the step.
 */
export function makePlayer(moved) {
  const [slider, play, label] = [byId("scrub"), byId("play"), byId("step-label")];
  let timer = 0;
  let count = 0;

  const at = () => Number(slider.value);
  const go = (place) => moved(Math.min(count - 1, Math.max(0, place)));

  function stop() {
    clearInterval(timer);
    timer = 0;
    face("play", "Play the steps");
  }

  function face(name, text) {
    fill(play, icon(name));
    play.setAttribute("aria-label", text);
  }

  function start() {
    if (at() >= count - 1) go(0);
    face("pause", "Pause");
    timer = setInterval(() => {
      if (at() >= count - 1) stop();
      else go(at() + 1);
    }, BEAT);
  }

  play.addEventListener("click", () => (timer ? stop() : start()));
  byId("back").addEventListener("click", () => (stop(), go(at() - 1)));
  byId("on").addEventListener("click", () => (stop(), go(at() + 1)));
  slider.addEventListener("input", () => (stop(), go(at())));

  return {
    stop,
    show(told) {
      count = told.count;
      slider.max = String(Math.max(0, count - 1));
      slider.value = String(told.place);
      slider.setAttribute("aria-valuetext", told.text);
      label.textContent = told.text;
      byId("player").hidden = count < 2;
      if (count < 2) stop();
    },
  };
}
