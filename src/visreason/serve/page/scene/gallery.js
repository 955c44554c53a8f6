// Pictures to begin with: a strip of sampled scenes or of the served data, and a fresh scene at random.

import { api } from "../core/api.js";
import { announce, notify } from "../core/announce.js";
import { byId, fill, h } from "../core/dom.js";
import { counted } from "../core/text.js";
import { staged } from "./picture.js";
import { describe } from "./scene.js";

const SHOWN = 5;
const THUMB = { width: 120, height: 80 };

/** Let the buttons change the picture, and the list what the strip shows. */
export function startGallery(store) {
  byId("shuffle").addEventListener("click", () => sample(store, 1000 + Math.floor(Math.random() * 1e6)));
  byId("source").addEventListener("change", () => fillGallery(store, 0));
  byId("more-pictures").addEventListener("click", () =>
    fillGallery(store, Number(byId("gallery").dataset.first) + SHOWN),
  );
}

/** Offer the splits of the served data beside sampled scenes, and fill the strip. */
export async function openGallery(store) {
  const { splits } = await api.data();
  const source = byId("source");
  const options = splits
    .filter(({ images }) => images)
    .map(({ split, images }) => h("option", { value: split, "data-images": images }, `pictures of ${split}`));
  fill(source, h("option", { value: "" }, "sampled scenes"), options);
  byId("source-field").hidden = !options.length;
  await fillGallery(store, 0);
}

/** Show the pictures from number `first` on, from the start again after the last. */
async function fillGallery(store, first) {
  const [strip, source] = [byId("gallery"), byId("source")];
  const split = source.value;
  const count = Number(source.selectedOptions[0]?.dataset.images ?? Infinity);
  const start = first < count ? first : 0;
  const items = Array.from({ length: Math.min(SHOWN, count - start) }, () => h("li", { class: "waiting" }));
  strip.dataset.first = start;
  fill(strip, items);
  try {
    for (let n = 0; n < items.length && items[n].isConnected; n += 1) {
      const { picture, name, choose } = await (split ? stored(store, split, start + n) : sampled(store, start + n));
      items[n].classList.remove("waiting");
      fill(
        items[n],
        h(
          "button",
          { "aria-label": name, onclick: choose },
          h("img", { src: URL.createObjectURL(picture), alt: "", ...THUMB }),
        ),
      );
    }
  } catch (error) {
    if (error.code !== "unreachable") notify(error.message, "problem");
  }
}

async function sampled(store, seed) {
  const { scene } = await api.sample({ seed });
  const picture = await api.render({ scene, ...THUMB });
  return { picture, name: sceneName(scene), choose: () => take(store, scene) };
}

async function stored(store, split, number) {
  const record = await api.picture(split, number);
  const picture = await (record.image
    ? api.dataImage(split, number)
    : api.render({ scene: record.scene, ...THUMB }));
  const choose = () => takePicture(store, split, number).catch((error) => notify(error.message, "problem"));
  return { picture, name: record.scene ? sceneName(record.scene) : record.image_filename, choose };
}

function sceneName(scene) {
  return `A scene of ${counted(scene.objects.length, "object")}: ${scene.objects.map(describe).join(", ")}`;
}

/** Put the sampled scene of a seed on the stage. */
export async function sample(store, seed) {
  try {
    const { scene } = await api.sample({ seed });
    take(store, scene);
  } catch (error) {
    if (error.code !== "unreachable") notify(error.message, "problem");
  }
}

function take(store, scene) {
  store.set({ scene, upload: null, selected: null });
  announce(`A scene of ${counted(scene.objects.length, "object")}`);
}

/** Put a picture of the served data on the stage. */
async function takePicture(store, split, number) {
  const record = await api.picture(split, number);
  store.set(await staged(record, () => api.dataImage(split, number)));
  announce(`${record.image_filename} is on the stage`);
}
