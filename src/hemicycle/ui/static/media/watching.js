// Watches whether packets still arrive over a connection: ICE notices a loss late, or never if the network
// drops packets silently.

import { isSilent } from "./link-state.js";

const WAVERING_MS = 1_000;
const WATCH_MS = 250;

/**
 * Which packets count as a sign of life, by the name of the browser's report: all, or only sound and
 * picture. A server that has nothing to forward still sends its own reports.
 * @typedef {"transport" | "inbound-rtp"} Counted
 */

/**
 * Call `lost` once when a connected `pc` is lost. Returns a function that stops watching.
 * @param {RTCPeerConnection} pc
 * @param {import("./pass.js").Use} use
 * @param {() => void} lost
 * @param {Counted} counted which packets must arrive
 */
export function watch(pc, use, lost, counted = "transport") {
  const stop = new AbortController();
  const over = () => {
    if (stop.signal.aborted) return;
    stop.abort();
    lost();
  };
  pc.addEventListener(
    "connectionstatechange",
    () => {
      if (pc.connectionState === "failed" || pc.connectionState === "closed") over();
      // A disconnected state may end by itself; if it does not, a new connection is quicker.
      if (pc.connectionState === "disconnected") {
        setTimeout(() => pc.connectionState !== "connected" && over(), WAVERING_MS);
      }
    },
    { signal: stop.signal },
  );
  // When the engine ends a connection it closes DTLS, even while it cannot reach the site's server.
  const transport = (pc.getReceivers()[0] ?? pc.getSenders()[0])?.transport;
  transport?.addEventListener("statechange", () => transport.state === "closed" && over(), { signal: stop.signal });
  count({ pc, use, lost: over, counted, stopped: stop.signal }, 0, performance.now());
  return () => stop.abort();
}

/**
 * Call `watched.lost` when no more bytes arrive.
 * @param {{ pc: RTCPeerConnection, use: import("./pass.js").Use, lost: () => void, counted: Counted, stopped: AbortSignal }} watched
 * @param {number} before @param {number} since
 */
function count(watched, before, since) {
  setTimeout(async () => {
    const bytes = await received(watched.pc, watched.counted);
    if (watched.stopped.aborted || bytes === null) return;
    const now = performance.now();
    if (bytes > before) count(watched, bytes, now);
    else if (isSilent(watched.use, now - since)) watched.lost();
    else count(watched, before, since);
  }, WATCH_MS);
}

/**
 * How many bytes have arrived so far; null if the browser does not count them.
 * @param {RTCPeerConnection} pc @param {Counted} counted
 */
async function received(pc, counted) {
  const reports = [...(await pc.getStats().catch(() => new Map())).values()];
  const found = reports.filter((report) => report.type === counted && "bytesReceived" in report);
  return found.length ? found.reduce((sum, report) => sum + report.bytesReceived, 0) : null;
}
