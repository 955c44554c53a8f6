// Whether the server is there: said in the page's head, looked after while it is gone, with a token where it wants one.

import { api, connection, setToken } from "./api.js";
import { announce, clearNotes, notify } from "./announce.js";
import { byId } from "./dom.js";
import { counted } from "./text.js";

const AGAIN = 2000;

/** Keep the head's line and the store's `connected` in step with how requests go. */
export function startStatus(store) {
  let looking = 0;
  let busy = 0;
  const line = byId("status");

  function show() {
    const { connected, met, models } = store.state;
    line.classList.toggle("lost", !connected);
    line.classList.toggle("busy", Boolean(busy));
    line.textContent = !connected
      ? "Not connected"
      : busy
        ? "Busy, a moment"
        : met
          ? counted(models.length, "model")
          : "";
  }

  async function look() {
    clearTimeout(looking);
    try {
      await api.health();
    } catch {
      looking = setTimeout(look, AGAIN);
    }
  }

  connection.reached = () => {
    if (store.state.connected) return;
    clearNotes();
    announce("The server is back");
    store.set({ connected: true });
  };
  connection.lost = () => {
    clearTimeout(looking);
    looking = setTimeout(look, AGAIN);
    if (!store.state.connected) return;
    store.set({ connected: false });
    notify("The server does not answer. The page goes on as soon as it is back.", "problem");
  };
  connection.busy = (seconds) => {
    clearTimeout(busy);
    busy = setTimeout(
      () => {
        busy = 0;
        show();
      },
      1000 * seconds + 800,
    );
    show();
    announce("The models are busy; the question will be asked again");
  };
  store.on(["connected", "met", "models"], show);
  show();
}

/** Ask for the token that the server wants; gives nothing, but keeps it for the next request. */
export function askToken() {
  const dialog = byId("token-dialog");
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        setToken(byId("token").value.trim());
        resolve();
      },
      { once: true },
    );
    dialog.showModal();
  });
}
