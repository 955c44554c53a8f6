// Which part of the page is seen: asking, locating, regions, retrieving, or results.

import { byId } from "../core/dom.js";
import { VIEWS } from "../core/permalink.js";

/** Keep what is seen in step with the store's `view`, and let the page's navigation change it. */
export function startViews(store) {
  const links = [...byId("views").querySelectorAll("a")];
  for (const link of links) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      store.set({ view: link.dataset.view, step: null });
    });
  }
  const show = ({ view }) => {
    for (const link of links) {
      if (link.dataset.view === view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    for (const name of VIEWS) byId(`view-${name}`).hidden = name !== view;
    byId("bench").hidden = view === "results";
    document.title = `${links.find((link) => link.dataset.view === view).textContent} · visreason studio`;
  };
  store.on(["view"], (state) => {
    show(state);
    store.set({ told: [], located: null, selected: null });
    byId("boxes").replaceChildren();
  });
  show(store.state);
}
