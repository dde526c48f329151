import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { begin, opened, pass, server, settled } from "../support/page.js";

/** All connections of the page, oldest first. */
let connections = [];

class FakeConnection extends EventTarget {
  connectionState = "connected";
  isClosed = false;
  track = Object.assign(new EventTarget(), { muted: true });
  transport = Object.assign(new EventTarget(), { state: "connected" });
  localDescription = { sdp: "v=0\r\na=rtpmap:96 H264/90000" };

  constructor() {
    super();
    connections.push(this);
  }

  addTransceiver() {
    return { receiver: this };
  }

  getReceivers() {
    return [this];
  }

  async createOffer() {
    return this.localDescription;
  }

  async setLocalDescription() {}
  async setRemoteDescription() {}

  async getStats() {
    return new Map();
  }

  /** Receive the first packet. */
  sound() {
    this.track.muted = false;
    this.track.dispatchEvent(new Event("unmute"));
  }

  /** End the connection, as an edge does. */
  end() {
    this.transport.state = "closed";
    this.transport.dispatchEvent(new Event("statechange"));
  }

  close() {
    this.isClosed = true;
  }
}

class FakeStream {
  tracks = new Set();
  addTrack(track) {
    this.tracks.add(track);
  }
  removeTrack(track) {
    this.tracks.delete(track);
  }
}

Object.assign(globalThis, { RTCPeerConnection: FakeConnection, MediaStream: FakeStream });
const { EdgeFailed, listenAtEdge } = await import("/static/media/edge.js");

const given = {
  token: "pass",
  attend: "/media/attend/1",
  edge: { name: "edge", token: "edge-token", lasts_s: 300, whep: { floor: "https://edge.example/floor/whep" } },
};
const wanted = { channel: "floor", picture: false, renew: async () => given, poor: () => {} };
const readings = () => opened.requests.filter(({ address }) => address.startsWith("https://edge.example/")).length;

beforeEach(() => {
  begin();
  connections = [];
  AbortSignal.timeout = () => new AbortController().signal;
  server.answer = async (address, { method }) => {
    if (method !== "POST") return new Response(null, { status: 204 });
    const headers = { Location: "https://hearing.example/media/session-1" };
    const answer = Response.json({ listener: "listener-1" }, { status: 201, headers });
    Object.defineProperty(answer, "url", { value: new URL(address, location.href).href });
    return answer;
  };
});

test("an edge that ends a stream before its first packet has another one by now", async () => {
  const listening = listenAtEdge(given, wanted);
  await pass(100);
  assert.equal(readings(), 1);
  connections[0].end();
  await pass(100);
  assert.equal(connections[0].isClosed, true);
  assert.equal(readings(), 2, "it is asked again at once");
  connections[1].sound();
  await settled();
  const peer = await listening;
  assert.deepEqual([...peer.stream.tracks], [connections[1].track]);
  peer.close();
});

test("an edge that ends every stream is left", async () => {
  const listening = listenAtEdge(given, wanted).catch((error) => error);
  for (let round = 0; round < 4; round += 1) {
    await pass(100);
    connections.at(-1)?.end();
  }
  await pass(100);
  assert.ok((await listening) instanceof EdgeFailed);
  assert.ok(connections.every(({ isClosed }) => isClosed));
});

test("an edge from which nothing comes is left", async () => {
  const listening = listenAtEdge(given, wanted).catch((error) => error);
  await pass(2_600);
  assert.ok((await listening) instanceof EdgeFailed);
  assert.equal(readings(), 1);
});
