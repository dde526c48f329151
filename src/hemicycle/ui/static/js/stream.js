// A stream of events, as EventSource reads it, but over a WebSocket if possible: a browser opens only
// six connections to a host over HTTP/1.1, and each EventSource occupies one of them permanently.
//
//   const stream = follow(address);   // an EventSource, or an object that behaves like one

import { EventParser } from "./event-parser.js";

/** The code that closes a refused socket is this plus the HTTP status (web/sockets.py). */
const REFUSED = 4000;
/** Statuses of a server, or of one behind it, that is briefly unavailable. */
const AWAY = new Set([502, 503, 504]);

/** Whether the last socket did not open: a proxy on the way may not support WebSockets. */
let unopened = false;

/** @param {string | URL} address @returns {EventSource | SocketSource} */
export function follow(address) {
  const plain = unopened;
  unopened = false;
  return plain ? new EventSource(address) : new SocketSource(address);
}

/**
 * Whether the server has said that this page may not follow the stream, or no longer. A plain EventSource
 * cannot tell this from a server that is away; the next try, over a socket, can.
 * @param {EventSource | SocketSource} source
 */
export function isRefused(source) {
  return source instanceof SocketSource && source.readyState === EventSource.CLOSED;
}

/** Behaves like an EventSource that does not connect again automatically. */
export class SocketSource extends EventTarget {
  /** @type {number} */
  readyState = EventSource.CONNECTING;
  /** @type {((event: Event) => void) | null} */
  onopen = null;
  /** @type {((event: Event) => void) | null} */
  onerror = null;
  #parser = new EventParser();
  /** @type {WebSocket} */
  #socket;

  /** @param {string | URL} address */
  constructor(address) {
    super();
    const at = new URL(address, location.href);
    at.protocol = at.protocol.replace("http", "ws");
    const socket = new WebSocket(at);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#take(data);
    socket.onclose = ({ code }) => this.#broke(code);
  }

  close() {
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.readyState = EventSource.CLOSED;
  }

  /** Count as open when the first data arrive: a refusal also opens the socket, and closes it at once. */
  #opened() {
    if (this.readyState !== EventSource.CONNECTING) return;
    this.readyState = EventSource.OPEN;
    this.onopen?.(new Event("open"));
  }

  /** @param {number} code */
  #broke(code) {
    const isAnswered = code >= REFUSED;
    unopened = this.readyState === EventSource.CONNECTING && !isAnswered;
    this.readyState = isAnswered && !AWAY.has(code - REFUSED) ? EventSource.CLOSED : EventSource.CONNECTING;
    this.#tell(new Event("error"));
  }

  /** @param {Event} event */
  #tell(event) {
    this.onerror?.(event);
    this.dispatchEvent(event);
  }

  /** @param {ArrayBuffer} bytes */
  #take(bytes) {
    this.#opened();
    for (const { type, data, id } of this.#parser.take(bytes)) {
      if (this.readyState === EventSource.CLOSED) return;
      this.dispatchEvent(new MessageEvent(type, { data, lastEventId: id }));
    }
  }
}
