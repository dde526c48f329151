// As much of a page as the scripts under test use, without a browser: time that the test moves, and
// connections that the test opens, breaks and speaks through. Import it before the scripts.

import { mock } from "node:test";

/** What the page has opened and asked for, oldest first. */
export const opened = { sources: [], sockets: [], requests: [] };
/** What `fetch` answers; a test sets it. */
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

  /** An event of the stream. */
  say(type, data, id = "") {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data), lastEventId: id }));
  }

  /** The server answers with an error: a browser does not try again. */
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

  /** Text of the stream, in as many pieces as are given. */
  say(...pieces) {
    for (const piece of pieces) this.onmessage?.({ data: new TextEncoder().encode(piece) });
  }

  /** An event of the stream. */
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

/** Begin a test: nothing opened, no time passed, chance in the middle. */
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

/** Let time pass, by steps in which whatever was promised is done. @param {number} ms */
export async function pass(ms) {
  const step = 10;
  await settled();
  for (let gone = 0; gone < ms; gone += step) {
    now += Math.min(step, ms - gone);
    mock.timers.tick(Math.min(step, ms - gone));
    await settled();
  }
}

/** Until what was promised without a timer is done. */
export async function settled() {
  await new Promise((resolve) => setImmediate(resolve));
}

/** @param {"visible" | "hidden"} state */
export function look(state) {
  document.visibilityState = state;
  document.dispatchEvent(new Event("visibilitychange"));
}
