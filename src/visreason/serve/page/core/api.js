// The server's HTTP API: one function a route, typed errors, and patience with a server that is busy.

const ROOT = new URL("api/v1/", document.baseURI);
const TOKEN = "visreason-token";
const PATIENCE = 4;

/** What the server or the way to it said no with: `code` for programs, the message for people. */
class ApiError extends Error {
  constructor(code, message, status = 0) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** What is to be told of the connection; the page sets it: `reached()`, `lost()`, `busy(seconds)`. */
export const connection = { reached() {}, lost() {}, busy() {} };

/** Use a token from now on, until the browser is closed. */
export function setToken(token) {
  sessionStorage.setItem(TOKEN, token);
}

function headers(body) {
  const token = sessionStorage.getItem(TOKEN);
  return {
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
  };
}

async function send(path, { body, signal }) {
  const told = { method: body === undefined ? "GET" : "POST", headers: headers(body), signal };
  if (body !== undefined) told.body = JSON.stringify(body);
  try {
    return await fetch(new URL(path, ROOT), told);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    connection.lost();
    throw new ApiError("unreachable", "The server does not answer. Is “visreason serve” still running?");
  }
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, 1000 * seconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("no longer wanted", "AbortError"));
    });
  });
}

/** The response to a request; one that comes too early for a busy server is sent again when the server says so. */
async function request(path, told = {}) {
  for (let tries = 1; ; tries += 1) {
    const response = await send(path, told);
    connection.reached();
    if (response.ok) return response;
    const wait = Number(response.headers.get("Retry-After"));
    if (response.status !== 503 || !(wait >= 0) || tries >= PATIENCE) throw await errorOf(response);
    connection.busy(wait);
    await pause(Math.min(Math.max(wait, 0.2), 10), told.signal);
  }
}

async function errorOf(response) {
  const told = await response.json().catch(() => null);
  const { code = `http-${response.status}`, message = `The server answered ${response.status}.` } =
    told?.error ?? {};
  return new ApiError(code, message, response.status);
}

const json = async (path, told) => (await request(path, told)).json();
const blob = async (path, told) => (await request(path, told)).blob();
const part = encodeURIComponent;

export const api = {
  health: () => json("health"),
  models: () => json("models"),
  typedWords: () => json("ask/words"),
  words: (name) => json(`models/${part(name)}/words`),
  results: (name) => json(`models/${part(name)}/results`),
  mistakes: (name) => json(`models/${part(name)}/mistakes`),
  mistake: (name, number) => json(`models/${part(name)}/mistakes/${number}`),
  mistakeImage: (name, number) => blob(`models/${part(name)}/mistakes/${number}/image`),
  sample: (body, signal) => json("scenes/sample", { body, signal }),
  render: (body, signal) => blob("scenes/render", { body, signal }),
  questions: (body, signal) => json("scenes/questions", { body, signal }),
  check: (body, signal) => json("scenes/check", { body, signal }),
  ask: (body, signal) => json("ask", { body, signal }),
  counterfactuals: (body, signal) => json("counterfactuals", { body, signal }),
  locate: (body, signal) => json("locate", { body, signal }),
  regions: (body, signal) => json("regions", { body, signal }),
  data: () => json("data"),
  picture: (split, number) => json(`data/${part(split)}/${number}`),
  dataImage: (split, number) => blob(`data/${part(split)}/${number}/image`),
  index: () => json("index"),
  search: (body, signal) => json("search", { body, signal }),
  indexPicture: (number) => json(`index/images/${number}`),
  indexImage: (number, small = false) => blob(`index/images/${number}/image?small=${small}`),
};

/**
 * Run only the latest of several calls: a new one calls off the one before.
 *
 * @param {function(AbortSignal, ...*): Promise} work
 * @returns a function that gives the result, or undefined where a later call took its place.
 */
export function latest(work) {
  let control = new AbortController();
  return async (...given) => {
    control.abort();
    control = new AbortController();
    const { signal } = control;
    try {
      const result = await work(signal, ...given);
      return signal.aborted ? undefined : result;
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  };
}
