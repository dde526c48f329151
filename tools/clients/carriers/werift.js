// Carry packets with werift: `node werift.js publish|listen URL PASS`.
import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, useH264 } from "werift";

import { H264, OPUS, end, exchange, packetOut, packetsIn, task, token, url } from "./whip.js";

const opus = { mimeType: "audio/opus", clockRate: 48000, channels: 2, payloadType: OPUS };
const pc = new RTCPeerConnection({
  iceServers: [],
  bundlePolicy: "max-bundle",
  codecs: { audio: [new RTCRtpCodecParameters(opus)], video: [useH264({ payloadType: H264 })] },
});
const sent = {};
for (const kind of ["audio", "video"]) {
  if (task === "publish") {
    sent[kind] = new MediaStreamTrack({ kind });
    pc.addTransceiver(sent[kind], { direction: "sendonly" });
  } else {
    const place = pc.addTransceiver(kind, { direction: "recvonly" });
    place.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe((packet) =>
        packetOut(packet.serialize(), kind === "audio" ? OPUS : H264),
      );
      if (kind === "video") place.receiver.sendRtcpPLI(track.ssrc);
    });
  }
}
await pc.setLocalDescription(await pc.createOffer());
const { answer, leave } = await exchange(url, token, pc.localDescription.sdp);
await pc.setRemoteDescription({ type: "answer", sdp: answer });
await packetsIn((packet) => {
  const kind = (packet[1] & 0x7f) === OPUS ? "audio" : "video";
  if (pc.connectionState === "connected") sent[kind].writeRtp(Buffer.from(packet));
});
await end(() => pc.close(), leave);
