// Whether packets still come by a connection: ICE says so late, and a network that swallows them never.

import { isSilent } from "./link-state.js";

const WAVERING_MS = 1_000;
const WATCH_MS = 500;

/**
 * Watch a connected `pc` until it is lost; then, or never, `lost` is called. Returns how to stop.
 * @param {RTCPeerConnection} pc
 * @param {import("./pass.js").Use} use
 * @param {() => void} lost
 */
export function watch(pc, use, lost) {
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
  count(pc, use, over, stop.signal, { bytes: 0, since: performance.now() });
  return () => stop.abort();
}

/**
 * Count what comes.
 * @param {RTCPeerConnection} pc @param {import("./pass.js").Use} use @param {() => void} lost
 * @param {AbortSignal} stopped @param {{ bytes: number, since: number }} before
 */
function count(pc, use, lost, stopped, before) {
  setTimeout(async () => {
    const bytes = await received(pc);
    if (stopped.aborted || bytes === null) return;
    const now = performance.now();
    if (bytes > before.bytes) count(pc, use, lost, stopped, { bytes, since: now });
    else if (isSilent(use, now - before.since)) lost();
    else count(pc, use, lost, stopped, before);
  }, WATCH_MS);
}

/** Bytes that came in so far; null where the browser does not count them. @param {RTCPeerConnection} pc */
async function received(pc) {
  const reports = [...(await pc.getStats().catch(() => new Map())).values()];
  const counted = reports.filter((report) => report.type === "transport" && "bytesReceived" in report);
  return counted.length ? counted.reduce((sum, report) => sum + report.bytesReceived, 0) : null;
}
