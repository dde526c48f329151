// Listening at an edge: the engine has the session, with its events and controls; the picture and the sound
// of one channel come from the edge by WHEP, each over a connection of its own.
//
// On a change (another channel, or a new token before the old one expires) the new connection is opened
// first and takes over with its first packet. So nothing is missing, and nothing is heard twice.

import { connected, connection, Peer } from "./peer.js";
import { reach, Refusal } from "./pass.js";
import { watch } from "./watching.js";
import { seesPictures } from "./whep.js";
import { t } from "../js/messages.js";

/** How long to wait for the answer of an edge. */
const ANSWER_MS = 1_500;
/** The status of a channel that an edge does not have yet: the first request starts its publication. */
const ABSENT = 404;
const TRIES = 12;
const AGAIN_MS = 200;
/** How long to wait for the first packet of a track, after the answer. */
const FIRST_MS = 2_500;
/** How often to request an output again that the edge ended before its first packet. */
const REPLACED_TRIES = 3;
/** An edge sends everyone the same; on a link that loses so much sound the engine, which can send less, is better. */
const POOR = { share: 0.1, windows: 3, every_ms: 2_000, least: 50 };
/** When a token is renewed, as a share of the time it is valid; a random part spreads the requests. */
const RENEWS = { from: 0.6, more: 0.2 };

/** A fault of an edge, after which the page connects elsewhere. */
export class EdgeFailed extends Refusal {
  constructor() {
    super(t("media.lost"), 408);
  }
}

/** The edge has ended a stream before its first packet: another engine has published the output since. */
class Replaced extends Error {}

/**
 * What a page wants to hear; `renew` asks for a pass for the same edge, `poor` is called when the link
 * loses too much of the sound.
 * @typedef {{ channel: string, picture: boolean, feed?: string, renew: () => Promise<import("./pass.js").Pass>, poor: () => void }} Wanted
 */
/** @typedef {"audio" | "video"} Kind */
/** @typedef {{ pc: RTCPeerConnection, track: MediaStreamTrack, session: string }} Reading */

/**
 * Listen at the edge that a pass names. Raises `Refusal`, and `EdgeFailed` for the edge's own faults.
 * @param {import("./pass.js").Pass} pass
 * @param {Wanted} wanted
 */
export async function listenAtEdge(pass, wanted) {
  const { channel, picture, feed = "" } = wanted;
  const query = new URLSearchParams(feed ? { channel, feed } : { channel });
  const answer = await reach(`${pass.attend}?${query}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${pass.token}` },
  });
  const address = new URL(answer.headers.get("Location") ?? "", answer.url).pathname;
  const { listener } = await answer.json();
  const peer = new EdgePeer(address, pass, listener, wanted);
  try {
    peer.sighted = !picture || (await seesPictures(pass));
    await peer.begin(channel, picture && peer.sighted);
  } catch (error) {
    peer.close();
    throw error;
  }
  return peer;
}

export class EdgePeer extends Peer {
  stream = new MediaStream();
  sighted = true;
  /** @type {Partial<Record<Kind, Reading>>} */
  #readings = {};
  #channel = "";
  #turn = 0;
  #closed = false;
  /** @type {() => void} */
  #lost = () => {};
  /** @type {Partial<Record<Kind, () => void>>} */
  #unwatch = {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {string} address of the session at the engine
   * @param {import("./pass.js").Pass} pass
   * @param {string} listener the id by which the edge knows the session
   * @param {Wanted} wanted
   */
  constructor(address, pass, listener, wanted) {
    super(address, null);
    this.pass = pass;
    this.listener = listener;
    this.wanted = wanted;
  }

  get edge() {
    return /** @type {import("./pass.js").Edge} */ (this.pass.edge);
  }

  get flows() {
    return true;
  }

  async ready() {}

  /** @param {string} channel @param {boolean} picture */
  async begin(channel, picture) {
    this.#channel = channel;
    await Promise.all([this.#take("audio", channel), ...(picture ? [this.#take("video", "program")] : [])]);
    this.#renewLater();
    this.#count({ expected: 0, lost: 0 }, 0);
  }

  /**
   * Leave the edge if much of the sound is lost repeatedly: the engine can adapt what it sends to the link.
   * @param {{ expected: number, lost: number }} before @param {number} poor windows in a row
   */
  #count(before, poor) {
    setTimeout(async () => {
      if (this.#closed) return;
      const now = await counted(this.#readings.audio?.pc);
      const expected = now.expected - before.expected;
      const isPoor = expected >= POOR.least && now.lost - before.lost > POOR.share * expected;
      if (!isPoor || poor + 1 < POOR.windows) return this.#count(now, isPoor ? poor + 1 : 0);
      this.wanted.poor();
      this.#lost();
    }, POOR.every_ms);
  }

  /** @param {import("./pass.js").Use} use @param {() => void} lost */
  watch(use, lost) {
    this.#lost = lost;
    for (const kind of /** @type {Kind[]} */ (Object.keys(this.#readings))) this.#watch(kind, use);
    return () => {
      this.#lost = () => {};
    };
  }

  /** @param {string} act @param {Record<string, unknown>} [more] */
  async control(act, more = {}) {
    await super.control(act, more);
    if (act !== "listen") return;
    this.#channel = String(more.channel);
    await this.#take("audio", this.#channel).catch(() => this.#lost());
  }

  /** @param {import("./peer.js").Ending} [ending] */
  close(ending = "") {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const kind of /** @type {Kind[]} */ (Object.keys(this.#readings))) this.#drop(kind);
    super.close(ending);
  }

  /**
   * Connect to an output and replace the earlier connection of its kind; the latest request wins.
   * @param {Kind} kind @param {string} output
   */
  async #take(kind, output) {
    const turn = kind === "audio" ? ++this.#turn : 0;
    const isLate = () => this.#closed || (kind === "audio" && turn !== this.#turn);
    const reading = await this.#open(kind, output).catch((error) => {
      if (!isLate()) throw error;
    });
    if (!reading) return;
    if (isLate()) return end(reading, this.edge.token);
    this.#drop(kind);
    this.#readings[kind] = reading;
    this.stream.addTrack(reading.track);
    this.#watch(kind, "listen");
  }

  /** @param {Kind} kind @param {import("./pass.js").Use} use */
  #watch(kind, use) {
    const reading = this.#readings[kind];
    this.#unwatch[kind]?.();
    if (reading) this.#unwatch[kind] = watch(reading.pc, use, () => this.#lost(), "inbound-rtp");
  }

  /** @param {Kind} kind */
  #drop(kind) {
    const before = this.#readings[kind];
    this.#unwatch[kind]?.();
    if (!before) return;
    this.stream.removeTrack(before.track);
    delete this.#readings[kind];
    end(before, this.edge.token);
  }

  /**
   * Read an output, and try again if its publisher is replaced meanwhile.
   * @param {Kind} kind @param {string} output
   * @returns {Promise<Reading>}
   */
  async #open(kind, output) {
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.#read(kind, output);
      } catch (error) {
        if (!(error instanceof Replaced) || tries >= REPLACED_TRIES || this.#closed) throw new EdgeFailed();
      }
    }
  }

  /**
   * Read an output once; resolves with its first packet. The offer does not wait for candidates: the edge
   * has a public address, and answers to the address from which our packets come.
   * @param {Kind} kind @param {string} output
   * @returns {Promise<Reading>}
   */
  async #read(kind, output) {
    const pc = connection(this.pass);
    const { receiver } = pc.addTransceiver(kind, { direction: "recvonly" });
    const address = `${this.edge.whep[output]}?listener=${this.listener}`;
    let session = "";
    try {
      await pc.setLocalDescription(await pc.createOffer());
      const answer = await this.#ask(address, pc.localDescription?.sdp ?? "");
      session = sessionOf(answer);
      await pc.setRemoteDescription({ type: "answer", sdp: await answer.text() });
      const comes = Promise.all([connected(pc), sounding(receiver.track)]);
      await Promise.race([comes, replaced(receiver.transport)]);
      return { pc, track: receiver.track, session };
    } catch (error) {
      end({ pc, track: receiver.track, session }, this.edge.token);
      throw error;
    }
  }

  /** @param {string} address @param {string} sdp */
  async #ask(address, sdp) {
    for (let tries = 0; ; tries += 1) {
      const answer = await fetch(address, {
        method: "POST",
        headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${this.edge.token}` },
        body: sdp,
        signal: AbortSignal.timeout(ANSWER_MS),
        redirect: "error",
        credentials: "omit",
        referrerPolicy: "no-referrer",
      });
      if (answer.status === 201) return answer;
      if (answer.status !== ABSENT || tries >= TRIES || this.#closed) throw new EdgeFailed();
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  #renewLater() {
    const share = RENEWS.from + RENEWS.more * Math.random();
    this.#timer = setTimeout(() => this.#renew(), this.edge.lasts_s * 1000 * share);
  }

  /** Open new connections with a new token, before the old token expires and the edge ends the old ones. */
  async #renew() {
    try {
      const pass = await this.wanted.renew();
      if (this.#closed) return;
      if (pass.edge?.name !== this.edge.name) return this.#lost();
      this.pass = pass;
      const outputs = { audio: this.#channel, video: "program" };
      const kinds = /** @type {Kind[]} */ (Object.keys(this.#readings));
      await Promise.all(kinds.map((kind) => this.#take(kind, outputs[kind])));
      this.#renewLater();
    } catch {
      if (!this.#closed) this.#lost();
    }
  }
}

/** How many packets of sound were expected, and how many were lost. @param {RTCPeerConnection | undefined} pc */
async function counted(pc) {
  const reports = pc ? [...(await pc.getStats().catch(() => new Map())).values()] : [];
  const inbound = reports.find((report) => report.type === "inbound-rtp");
  const lost = inbound?.packetsLost ?? 0;
  return { expected: (inbound?.packetsReceived ?? 0) + lost, lost };
}

/** @param {Reading} reading @param {string} token */
function end({ pc, session }, token) {
  pc.close();
  if (!session) return;
  fetch(session, { method: "DELETE", keepalive: true, headers: { Authorization: `Bearer ${token}` } }).catch(() => {});
}

/** The session's address; "" if the edge does not show it, or it is on another server. @param {Response} answer */
function sessionOf(answer) {
  const location = answer.headers.get("Location");
  if (!location) return "";
  const session = new URL(location, answer.url);
  return session.origin === new URL(answer.url).origin ? session.href : "";
}

/**
 * Raises `Replaced` when the edge ends the connection.
 * @param {RTCDtlsTransport | null} transport
 * @returns {Promise<never>}
 */
function replaced(transport) {
  return new Promise((_, reject) => {
    transport?.addEventListener("statechange", () => transport.state === "closed" && reject(new Replaced()));
  });
}

/**
 * Resolves with the first packet of a track.
 * @param {MediaStreamTrack} track
 * @returns {Promise<void>}
 */
function sounding(track) {
  return new Promise((resolve, reject) => {
    if (!track.muted) return resolve();
    const timer = setTimeout(() => reject(new EdgeFailed()), FIRST_MS);
    track.addEventListener(
      "unmute",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
