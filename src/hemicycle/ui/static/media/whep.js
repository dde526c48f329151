// Out of the engine (WHEP): the program picture and the sound of one channel.

import { connection, offer } from "./peer.js";

/** The program's only form; a browser that fetches its decoder may not have it, or not yet. */
const PICTURE = /\bH264\/90000/;

/**
 * Listen. Raises `Refusal`. The stream's tracks are there at once and come alive with the packets.
 * A browser that cannot show the picture gets the sound alone, and is not `sighted`.
 * @param {import("./pass.js").Pass} pass
 * @param {{ channel: string, picture: boolean, feed?: string }} wanted `feed` "public": as the public gets it
 */
export async function listen(pass, { channel, picture, feed = "" }) {
  let pc = receiving(pass, picture ? ["audio", "video"] : ["audio"]);
  const sighted = !picture || PICTURE.test((await pc.createOffer()).sdp ?? "");
  if (!sighted) {
    pc.close();
    pc = receiving(pass, ["audio"]);
  }
  const stream = new MediaStream(pc.getReceivers().map((receiver) => receiver.track));
  const peer = await offer(pc, `${pass.whep}?${new URLSearchParams(feed ? { channel, feed } : { channel })}`, pass.token);
  return Object.assign(peer, { stream, sighted });
}

/** Whether this browser can show the program's picture. @param {import("./pass.js").Pass} pass */
export async function seesPictures(pass) {
  const pc = receiving(pass, ["video"]);
  try {
    return PICTURE.test((await pc.createOffer()).sdp ?? "");
  } finally {
    pc.close();
  }
}

/** How long sound waits to be played on a poor connection: lost packets come again within this. */
const PATIENT_MS = 120;

/**
 * Play what comes by `pc` a little later, so that what is lost can still come; or at once again.
 * @param {RTCPeerConnection} pc
 * @param {boolean} waits
 */
export function delayPlayback(pc, waits) {
  const target = waits ? PATIENT_MS : null;
  for (const receiver of pc.getReceivers()) {
    // Not every browser has it; the others lengthen their buffer by themselves, after the first gap.
    if (!("jitterBufferTarget" in receiver) || receiver.jitterBufferTarget === target) continue;
    receiver.jitterBufferTarget = target;
  }
}

/** @param {import("./pass.js").Pass} pass @param {("audio" | "video")[]} kinds */
function receiving(pass, kinds) {
  const pc = connection(pass);
  for (const kind of kinds) pc.addTransceiver(kind, { direction: "recvonly" });
  return pc;
}
