// Receives from the engine, by WHEP, the program picture and the sound of one channel.

import { connection, offer } from "./peer.js";

/** The only format of the program picture; a browser that downloads its decoder may not have it yet. */
const PICTURE = /\bH264\/90000/;

/**
 * Listen. Raises `Refusal`. The stream has its tracks at once, and they start with the first packets.
 * A browser that cannot show the picture gets the sound alone, and is not `sighted`.
 * @param {import("./pass.js").Pass} pass
 * @param {{ channel: string, picture: boolean, feed?: string }} wanted `feed` "public": as the public receives it
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

/** How long sound is delayed on a poor connection: lost packets are sent again within this time. */
const PATIENT_MS = 120;

/**
 * Play the sound and picture of `pc` with a short delay, in which lost packets can arrive; or without.
 * @param {RTCPeerConnection} pc
 * @param {boolean} waits
 */
export function delayPlayback(pc, waits) {
  const target = waits ? PATIENT_MS : null;
  for (const receiver of pc.getReceivers()) {
    // Browsers without this property lengthen their buffer by themselves, after the first gap.
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
