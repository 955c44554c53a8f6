// What is on the screen, in one place: parts of the page change it, and hear of changes.

/**
 * A small store.
 *
 * @param {Object} state the first values.
 * @returns {{state: Object, set: function(Object), on: function(string[], function)}} `set` merges values and tells
 *   those who listen to any that changed, once; `on` listens.
 */
export function makeStore(state) {
  const listeners = [];
  return {
    state,
    set(patch) {
      const changed = Object.keys(patch).filter((key) => state[key] !== patch[key]);
      Object.assign(state, patch);
      for (const { keys, tell } of listeners) {
        if (keys.some((key) => changed.includes(key))) tell(state);
      }
    },
    on(keys, tell) {
      listeners.push({ keys, tell });
    },
  };
}
