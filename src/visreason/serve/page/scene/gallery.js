// Pictures to begin with: a strip of sampled scenes, a fresh one at random, or a file of the reader's own.

import { api } from "../core/api.js";
import { announce, notify } from "../core/announce.js";
import { byId, fill, h } from "../core/dom.js";
import { counted } from "../core/text.js";
import { asDataUrl, loadedImage } from "./picture.js";
import { describe } from "./scene.js";

const SHOWN = 6;
const THUMB = { width: 120, height: 80 };
const TYPES = ["image/png", "image/jpeg", "image/webp"];
const MOST_BYTES = 8 * 2 ** 20;

/** Make the strip, and let the buttons and dropped files change the picture. */
export function startGallery(store) {
  byId("shuffle").addEventListener("click", () => sample(store, freshSeed()));
  byId("upload").addEventListener("change", (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (file) upload(store, file);
  });
  const stage = byId("stage");
  stage.addEventListener("dragover", (event) => event.preventDefault());
  stage.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) upload(store, event.dataTransfer.files[0]);
  });
}

/** Fill the strip with the scenes of seeds 0, 1, … */
export async function fillGallery(store) {
  const strip = byId("gallery");
  const items = Array.from({ length: SHOWN }, () => h("li", { class: "waiting" }));
  fill(strip, items);
  for (let seed = 0; seed < SHOWN; seed += 1) {
    const { scene } = await api.sample({ seed });
    const picture = URL.createObjectURL(await api.render({ scene, ...THUMB }));
    const name = `A scene of ${counted(scene.objects.length, "object")}: ${scene.objects.map(describe).join(", ")}`;
    const choose = () => take(store, scene);
    items[seed].classList.remove("waiting");
    fill(items[seed], h("button", { "aria-label": name, onclick: choose }, h("img", { src: picture, alt: "", width: THUMB.width, height: THUMB.height })));
  }
}

/** Put the sampled scene of a seed on the stage. */
export async function sample(store, seed) {
  try {
    const { scene } = await api.sample({ seed });
    take(store, scene);
  } catch (error) {
    notify(error.message, "problem");
  }
}

function take(store, scene) {
  store.set({ scene, upload: null, selected: null });
  announce(`A scene of ${counted(scene.objects.length, "object")}`);
}

function freshSeed() {
  return 1000 + Math.floor(Math.random() * 1e6);
}

/** Put a file of the reader's on the stage, if it is a picture that the server takes. */
async function upload(store, file) {
  if (!TYPES.includes(file.type)) {
    notify(`“${file.name}” is no PNG, JPEG or WebP picture.`, "problem");
    return;
  }
  if (file.size > MOST_BYTES) {
    notify(`“${file.name}” has ${(file.size / 2 ** 20).toFixed(1)} MB; pictures may have ${MOST_BYTES / 2 ** 20} MB.`, "problem");
    return;
  }
  const url = await asDataUrl(file);
  try {
    await loadedImage(url);
  } catch {
    notify(`“${file.name}” cannot be read as a picture.`, "problem");
    return;
  }
  store.set({ upload: { url, name: file.name }, scene: null, selected: null });
  announce(`${file.name} is on the stage`);
}
