// Out of the engine (WHEP): the program picture and the sound of one channel.

import { connection, offer } from "./peer.js";

/**
 * Listen. Raises `Refusal`. The stream's tracks are there at once and come alive with the packets.
 * @param {import("./pass.js").Pass} pass
 * @param {{ channel: string, picture: boolean }} wanted
 */
export async function listen(pass, { channel, picture }) {
  const pc = connection();
  const kinds = picture ? ["audio", "video"] : ["audio"];
  const places = kinds.map((kind) => pc.addTransceiver(kind, { direction: "recvonly" }));
  const stream = new MediaStream(places.map((place) => place.receiver.track));
  const peer = await offer(pc, `${pass.whep}?${new URLSearchParams({ channel })}`, pass.token);
  return Object.assign(peer, { stream });
}
