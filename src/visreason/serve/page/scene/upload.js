// A picture of the reader's own: chosen from a file, or dropped on the stage.

import { announce, notify } from "../core/announce.js";
import { byId } from "../core/dom.js";
import { asDataUrl, loadedImage } from "./picture.js";

const TYPES = ["image/png", "image/jpeg", "image/webp"];
const MOST_BYTES = 8 * 2 ** 20;

/** Let the button and dropped files put a picture on the stage. */
export function startUpload(store) {
  byId("upload").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (file) upload(store, file);
    event.target.value = "";
  });
  const stage = byId("stage");
  stage.addEventListener("dragover", (event) => event.preventDefault());
  stage.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) upload(store, event.dataTransfer.files[0]);
  });
}

/** Put a file on the stage, if it is a picture that the server takes. */
async function upload(store, file) {
  if (!TYPES.includes(file.type)) {
    notify(`“${file.name}” is no PNG, JPEG or WebP picture.`, "problem");
    return;
  }
  if (file.size > MOST_BYTES) {
    notify(
      `“${file.name}” has ${(file.size / 2 ** 20).toFixed(1)} MB; pictures may have ${MOST_BYTES / 2 ** 20} MB.`,
      "problem",
    );
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
