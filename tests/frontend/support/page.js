// A page without a browser, with what the scripts under test use: the test moves the time, and it opens, breaks and
// writes to connections. Import it before the scripts.

import { mock } from "node:test";

/** The connections and requests of the page, oldest first. */
export const opened = { sources: [], sockets: [], requests: [] };
/** The answer of `fetch`, which a test may replace. */
export const server = { answer: async () => new Response(null, { status: 204 }) };
export const reloads = { count: 0 };

let now = 0;

class FakeSource extends EventTarget {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSED = 2;
  readyState = FakeSource.CONNECTING;
  onopen = null;
  onerror = null;

  constructor(address) {
    super();
    this.address = new URL(address, location.href);
    opened.sources.push(this);
  }

  open() {
    this.readyState = FakeSource.OPEN;
    this.onopen?.(new Event("open"));
  }

  /** Send an event of the stream. */
  say(type, data, id = "") {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data), lastEventId: id }));
  }

  /** Answer with an error, after which a browser does not try again. */
  refuse() {
    this.readyState = FakeSource.CLOSED;
    this.onerror?.(new Event("error"));
    this.dispatchEvent(new Event("error"));
  }

  break() {
    if (this.readyState !== FakeSource.CLOSED) this.onerror?.(new Event("error"));
  }

  close() {
    this.readyState = FakeSource.CLOSED;
  }
}

class FakeSocket {
  onmessage = null;
  onclose = null;
  isClosed = false;

  constructor(address) {
    this.address = new URL(address);
    opened.sockets.push(this);
  }

  /** Send text of the stream, in the given pieces. */
  say(...pieces) {
    for (const piece of pieces) this.onmessage?.({ data: new TextEncoder().encode(piece) });
  }

  /** Send an event of the stream. */
  event(type, data) {
    this.say(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  break(code = 1006) {
    this.onclose?.({ code });
  }

  close() {
    this.isClosed = true;
  }
}

const document = Object.assign(new EventTarget(), {
  visibilityState: "visible",
  documentElement: { lang: "en", dataset: {} },
  body: { dataset: { csrf: "csrf" } },
  querySelectorAll: () => [],
});
const location = new URL("https://hearing.example/h/reference/");
Object.assign(globalThis, {
  document,
  location: Object.assign(location, { reload: () => (reloads.count += 1) }),
  window: new EventTarget(),
  EventSource: FakeSource,
  WebSocket: FakeSocket,
  fetch: async (address, options = {}) => {
    opened.requests.push({ address: String(address), method: options.method ?? "GET" });
    return server.answer(String(address), options);
  },
});
performance.now = () => now;

/** Begin a test: no connections, no requests, time 0, and a random number of 0.5. */
export function begin() {
  for (const list of Object.values(opened)) list.length = 0;
  reloads.count = 0;
  now = 0;
  document.visibilityState = "visible";
  document.documentElement.dataset.theme = "public";
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  mock.method(Math, "random", () => 0.5);
}

/** Let time pass in steps, and settle all promises after each step. @param {number} ms */
export async function pass(ms) {
  const step = 10;
  await settled();
  for (let gone = 0; gone < ms; gone += step) {
    now += Math.min(step, ms - gone);
    mock.timers.tick(Math.min(step, ms - gone));
    await settled();
  }
}

/** Wait until all promises that need no timer are settled. */
export async function settled() {
  await new Promise((resolve) => setImmediate(resolve));
}

/** @param {"visible" | "hidden"} state */
export function look(state) {
  document.visibilityState = state;
  document.dispatchEvent(new Event("visibilitychange"));
}
