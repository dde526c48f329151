// Carry packets with Chrome's library as a module for Node: `node wrtc.js publish|listen URL PASS HERTZ`.
import wrtc from "@roamhq/wrtc";

import { L16, end, exchange, packetOut, packetsIn, task, token, url } from "./whip.js";

const { RTCAudioSink, RTCAudioSource, RTCVideoSource } = wrtc.nonstandard;
const RATE = 48000;
const WIDTH = 320;
const HEIGHT = 180;
const hertz = Number(process.argv[5]);
const pc = new wrtc.RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" });
const timers = [];

function publish() {
  const sound = new RTCAudioSource();
  const picture = new RTCVideoSource();
  for (const source of [sound, picture])
    pc.addTransceiver(source.createTrack(), { direction: "sendonly" });
  const size = RATE / 100;
  let first = 0;
  let count = 0;
  const begun = performance.now();
  const give = () => {
    const now = (performance.now() - begun) / 1000;
    for (; first / RATE < now; first += size) {
      const samples = Int16Array.from({ length: size }, (_, at) =>
        Math.round(8000 * Math.sin((2 * Math.PI * hertz * (first + at)) / RATE)),
      );
      const shape = { sampleRate: RATE, bitsPerSample: 16, channelCount: 1, numberOfFrames: size };
      sound.onData({ samples, ...shape });
    }
    for (; count / 15 < now; count++) {
      const data = new Uint8ClampedArray((WIDTH * HEIGHT * 3) / 2).fill((count * 3) % 255);
      picture.onFrame({ width: WIDTH, height: HEIGHT, data });
    }
  };
  timers.push(setInterval(give, 10));
}

function listen() {
  for (const kind of ["audio", "video"]) pc.addTransceiver(kind, { direction: "recvonly" });
  pc.ontrack = ({ track }) => {
    if (track.kind === "audio") new RTCAudioSink(track).ondata = hear;
  };
}

function hear({ samples, sampleRate, channelCount }) {
  if (sampleRate !== RATE) return; // no sound has arrived yet
  const packet = Buffer.alloc(12 + (samples.length / channelCount) * 2);
  packet[0] = 0x80;
  for (let at = 0; at < samples.length / channelCount; at++)
    packet.writeInt16BE(samples[at * channelCount], 12 + 2 * at);
  packetOut(packet, L16);
}

(task === "publish" ? publish : listen)();
const gathered = new Promise((resolve) => {
  pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && resolve();
});
await pc.setLocalDescription(await pc.createOffer());
await gathered;
const { answer, leave } = await exchange(url, token, pc.localDescription.sdp);
await pc.setRemoteDescription({ type: "answer", sdp: answer });
await packetsIn(() => {});
timers.forEach(clearInterval);
await end(() => pc.close(), leave);
