// The picture on the stage: a scene is rendered small while it is being changed, then whole, then fine.

import { api } from "../core/api.js";
import { notify } from "../core/announce.js";
import { byId } from "../core/dom.js";

const SMALL = { width: 240, height: 160 };
const WHOLE = { width: 480, height: 320 };
const FINE = { width: 960, height: 640 };
const REST = 500;

/** Whether the stage has clearly more pixels than a whole picture. */
function isCoarse() {
  return byId("stage").clientWidth * devicePixelRatio > 1.25 * WHOLE.width;
}

/** An image element that has loaded from a blob or a data: URL. */
export async function loadedImage(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}

/** A file as a data: URL. */
export function asDataUrl(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

/**
 * A picture that the server has, as the stage takes it: as it is, with its scene where that is known, until it is edited.
 *
 * @param {{image: boolean, image_filename: string, scene: Object|null}} record what is known of it.
 * @param {function(): Promise<Blob>} load fetches the image, where there is one.
 */
export async function staged(record, load) {
  const upload = record.image ? { url: await asDataUrl(await load()), name: record.image_filename } : null;
  return { scene: record.scene, upload, selected: null };
}

/**
 * Keep the store's `picture` (`{image, url}`) that of its `scene` or `upload`. One rendering is under way at a time;
 * when it is done, the newest scene is next, so that dragging never piles up work.
 */
export function startPicture(store) {
  let busy = false;
  let wanted = null;
  let resting = 0;

  async function draw(scene, size) {
    const url = URL.createObjectURL(await api.render({ scene, ...size }));
    const image = await loadedImage(url);
    if (store.state.upload || (store.state.scene !== scene && size !== SMALL)) {
      URL.revokeObjectURL(url);
      return;
    }
    show(store, image, url);
  }

  async function work() {
    if (busy || !wanted) return;
    const { scene, size } = wanted;
    wanted = null;
    busy = true;
    try {
      await draw(scene, size);
    } catch (error) {
      if (error.code !== "unreachable") notify(error.message, "problem");
    } finally {
      busy = false;
    }
    work();
  }

  function want(scene, size) {
    wanted = { scene, size };
    work();
  }

  function refresh() {
    const { scene, upload, dragging, met } = store.state;
    clearTimeout(resting);
    if (upload) {
      wanted = null;
      loadedImage(upload.url).then((image) => show(store, image, upload.url));
    } else if (scene && met) {
      want(scene, dragging ? SMALL : WHOLE);
      if (!dragging && isCoarse())
        resting = setTimeout(() => store.state.scene === scene && want(scene, FINE), REST);
    }
  }

  store.on(["scene", "upload", "dragging", "connected", "met"], refresh);
  refresh();
}

function show(store, image, url) {
  const before = store.state.picture;
  store.set({ picture: { image, url } });
  if (before?.url.startsWith("blob:") && before.url !== url) URL.revokeObjectURL(before.url);
}
