// One session with the engine, made by an offer and its answer. The engine needs no candidates: it answers
// to the address that packets come from, so routes that are found later (a relay) work as well.

import { Refusal, reach } from "./pass.js";
import { relayRefuses } from "./relay-refusal.js";
import { t } from "../js/messages.js";
import { watch } from "./watching.js";

const CONNECT_MS = 6_000;
/** So long before that limit, relays are asked whether they refuse: most pages are connected by then. */
const REFUSAL_MS = 2_500;

/**
 * The reason for the end of a session that the page gives the engine: the page is left, or no packet gets
 * through to the engine.
 * @typedef {"" | "page=closed" | "network=blocked" | "network=relay_refused"} Ending
 */

/** A session; `pc` is null if it has no connection of its own. */
export class Peer {
  /** @param {string} address of the session @param {RTCPeerConnection | null} pc */
  constructor(address, pc) {
    this.address = address;
    this.pc = pc;
  }

  /** Whether the session has a connection of its own, for sound and picture. */
  get flows() {
    return this.pc !== null;
  }

  /** Resolves once packets can pass. Raises `Refusal`. */
  async ready() {
    if (this.pc) await connected(this.pc);
  }

  /**
   * Call `lost` when packets no longer pass. Returns a function that stops watching.
   * @param {import("./pass.js").Use} use @param {() => void} lost
   * @returns {() => void}
   */
  watch(use, lost) {
    return this.pc ? watch(this.pc, use, lost) : () => {};
  }

  /**
   * Tell the engine to do something. Raises `Refusal` with its sentence.
   * @param {string} act
   * @param {Record<string, unknown>} [more]
   */
  async control(act, more = {}) {
    await reach(`${this.address}/control`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...more, do: act }),
    });
  }

  /** End the session, even while the page is being left. @param {Ending} [ending] */
  close(ending = "") {
    this.pc?.close();
    fetch(ending ? `${this.address}?${ending}` : this.address, { method: "DELETE", keepalive: true }).catch(() => {});
  }
}

/**
 * A connection that uses the relays named in the pass, and no other server.
 * @param {import("./pass.js").Pass} pass
 */
export function connection(pass) {
  return new RTCPeerConnection({ iceServers: pass.relays, bundlePolicy: "max-bundle" });
}

/**
 * Offer `pc` to an endpoint. If it is refused, closes the connection and raises `Refusal`.
 * @param {RTCPeerConnection} pc
 * @param {string} endpoint
 * @param {string} token
 */
export async function offer(pc, endpoint, token) {
  try {
    await pc.setLocalDescription(await pc.createOffer());
    const answer = await reach(endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${token}` },
      body: pc.localDescription?.sdp ?? "",
    });
    const peer = new Peer(new URL(answer.headers.get("Location") ?? "", answer.url).pathname, pc);
    await pc.setRemoteDescription({ type: "answer", sdp: await answer.text() });
    return peer;
  } catch (error) {
    pc.close();
    throw error instanceof Refusal ? error : new Refusal(t("engine.no_codec"), 406);
  }
}

/**
 * Resolves once packets can pass; raises `Blocked` if no route to the engine is found in time.
 * @param {RTCPeerConnection} pc
 * @returns {Promise<void>}
 */
export function connected(pc) {
  return new Promise((resolve, reject) => {
    let refused = false;
    const stop = () => {
      clearTimeout(asking);
      clearTimeout(timer);
      pc.removeEventListener("connectionstatechange", look);
    };
    const blocked = () => {
      stop();
      reject(new Blocked(refused ? "relay_refused" : "blocked"));
    };
    const look = () => {
      if (pc.connectionState === "connected") {
        stop();
        resolve();
      } else if (pc.connectionState === "failed" || pc.connectionState === "closed") blocked();
    };
    const ask = async () => {
      refused = await relayRefuses(pc.getConfiguration(), REFUSAL_MS);
    };
    const asking = setTimeout(ask, CONNECT_MS - REFUSAL_MS);
    const timer = setTimeout(blocked, CONNECT_MS);
    pc.addEventListener("connectionstatechange", look);
    look();
  });
}

/**
 * The engine answers, but no packet reaches it: the network in between blocks them all, and no relay
 * helps. If a relay refuses, the fault is the site's and not the network's.
 */
export class Blocked extends Refusal {
  /** @param {"blocked" | "relay_refused"} why */
  constructor(why) {
    super(t(`media.${why}`));
    /** @type {Ending} */
    this.ending = `network=${why}`;
  }
}

/** How packets reach the engine. @typedef {"udp" | "tcp" | "relay"} Way */

/**
 * The way that the packets of a connected `pc` take; null if it is unknown.
 * @param {RTCPeerConnection} pc
 * @returns {Promise<Way | null>}
 */
export async function wayOf(pc) {
  const reports = await pc.getStats().catch(() => new Map());
  const pairs = [...reports.values()].filter((report) => report.type === "candidate-pair");
  const pair = pairs.find((report) => report.nominated && report.state === "succeeded");
  const own = pair && reports.get(pair.localCandidateId);
  if (!own) return null;
  if (own.candidateType === "relay") return "relay";
  return own.protocol === "tcp" ? "tcp" : "udp";
}
