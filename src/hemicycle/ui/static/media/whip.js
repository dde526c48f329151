// Sends to the engine, by WHIP, a microphone and a camera, or a shared screen.

import { connection, offer } from "./peer.js";

/**
 * How much is sent. Sound has priority: a weak link loses its picture, never its voice.
 * @typedef {object} Quality
 * @property {number} sound bits a second
 * @property {number} picture bits a second
 * @property {number} scale the factor by which the picture is made smaller
 * @property {number} rate frames a second
 */

/** @type {Record<"normal" | "low" | "screen" | "booth", Quality>} */
export const QUALITIES = {
  normal: { sound: 48_000, picture: 900_000, scale: 1, rate: 25 },
  low: { sound: 32_000, picture: 150_000, scale: 2, rate: 10 },
  screen: { sound: 48_000, picture: 1_800_000, scale: 1, rate: 8 },
  booth: { sound: 96_000, picture: 300_000, scale: 2, rate: 10 },
};

/**
 * Send the tracks of a stream. Raises `Refusal`.
 * @param {import("./pass.js").Pass} pass
 * @param {MediaStream} stream
 * @param {Quality} [quality]
 */
export async function publish(pass, stream, quality = QUALITIES.normal) {
  const pc = connection(pass);
  // Sound first, in the order in which the engine answers.
  for (const track of [...stream.getAudioTracks(), ...stream.getVideoTracks()]) {
    pc.addTransceiver(track, {
      direction: "sendonly",
      streams: [stream],
      sendEncodings: [encoding(track.kind, quality)],
    });
  }
  return offer(pc, pass.whip, pass.token);
}

/** @param {string} kind @param {Quality} quality @returns {RTCRtpEncodingParameters} */
function encoding(kind, quality) {
  if (kind === "audio") return { maxBitrate: quality.sound, priority: "high" };
  return {
    maxBitrate: quality.picture,
    scaleResolutionDownBy: quality.scale,
    maxFramerate: quality.rate,
  };
}

/**
 * Change how much is sent, without connecting again.
 * @param {RTCPeerConnection} pc
 * @param {Quality} quality
 */
export async function setQuality(pc, quality) {
  for (const sender of pc.getSenders()) {
    const parameters = sender.getParameters();
    if (!sender.track || !parameters.encodings?.length) continue;
    Object.assign(parameters.encodings[0], encoding(sender.track.kind, quality));
    await sender.setParameters(parameters);
  }
}

/**
 * Send other tracks (another microphone, another camera) without connecting again.
 * Returns false if the connection has no place for one of them.
 * @param {RTCPeerConnection} pc
 * @param {MediaStream} stream
 */
export async function replace(pc, stream) {
  let fits = true;
  for (const kind of ["audio", "video"]) {
    const track = stream.getTracks().find((own) => own.kind === kind) ?? null;
    const place = pc.getTransceivers().find((transceiver) => kindOf(transceiver) === kind);
    if (place) await place.sender.replaceTrack(track);
    else if (track) fits = false;
  }
  return fits;
}

/** @param {RTCRtpTransceiver} transceiver */
function kindOf(transceiver) {
  return transceiver.sender.track?.kind ?? transceiver.receiver.track.kind;
}
