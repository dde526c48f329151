// Whether packets still come by a connection: ICE says so late, and a network that swallows them never.

import { isSilent } from "./link-state.js";

const WAVERING_MS = 1_000;
const WATCH_MS = 250;

/**
 * What counts as a sign of life, by the name of the browser's report: all packets, or sound and picture
 * alone. A server that gets nothing to hand on still sends its own reports.
 * @typedef {"transport" | "inbound-rtp"} Counted
 */

/**
 * Watch a connected `pc` until it is lost; then, or never, `lost` is called. Returns how to stop.
 * @param {RTCPeerConnection} pc
 * @param {import("./pass.js").Use} use
 * @param {() => void} lost
 * @param {Counted} counted what has to come
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
      // Disconnected may pass by itself; when it does not, another connection is quicker.
      if (pc.connectionState === "disconnected") {
        setTimeout(() => pc.connectionState !== "connected" && over(), WAVERING_MS);
      }
    },
    { signal: stop.signal },
  );
  // The engine says so when it ends a connection, also while the site's server is out of its reach.
  const transport = (pc.getReceivers()[0] ?? pc.getSenders()[0])?.transport;
  transport?.addEventListener("statechange", () => transport.state === "closed" && over(), { signal: stop.signal });
  count({ pc, use, lost: over, counted, stopped: stop.signal }, 0, performance.now());
  return () => stop.abort();
}

/**
 * Count what comes.
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
 * Bytes that came in so far; null where the browser does not count them.
 * @param {RTCPeerConnection} pc @param {Counted} counted
 */
async function received(pc, counted) {
  const reports = [...(await pc.getStats().catch(() => new Map())).values()];
  const found = reports.filter((report) => report.type === counted && "bytesReceived" in report);
  return found.length ? found.reduce((sum, report) => sum + report.bytesReceived, 0) : null;
}
