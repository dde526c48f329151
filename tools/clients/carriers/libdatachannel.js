// Carry packets with libdatachannel's module for Node: `node libdatachannel.js publish|listen URL PASS`.
import nodeDataChannel from "node-datachannel";

import { H264, OPUS, end, exchange, packetOut, packetsIn, task, token, url } from "./whip.js";

const { Audio, PeerConnection, RtcpReceivingSession, Video } = nodeDataChannel;
const direction = task === "publish" ? "SendOnly" : "RecvOnly";
const pc = new PeerConnection("client", { iceServers: [] });
const audio = new Audio("0", direction);
audio.addOpusCodec(OPUS);
const video = new Video("1", direction);
video.addH264Codec(H264);
if (task === "publish") {
  audio.addSSRC(1, "client");
  video.addSSRC(2, "client");
}
const tracks = [audio, video].map((media) => pc.addTrack(media));
if (task === "listen")
  tracks.forEach((track, index) => {
    track.setMediaHandler(new RtcpReceivingSession());
    track.onOpen(() => track.requestKeyframe());
    track.onMessage((packet) => {
      const isRtp = packet.length > 12 && (packet[1] < 192 || packet[1] > 223);
      if (isRtp) packetOut(packet, index ? H264 : OPUS);
    });
  });
const gathered = new Promise((resolve) =>
  pc.onGatheringStateChange((state) => state === "complete" && resolve()),
);
pc.setLocalDescription("offer");
await gathered;
const { answer, leave } = await exchange(url, token, pc.localDescription().sdp);
pc.setRemoteDescription(answer, "answer");
await packetsIn((packet) => {
  const track = tracks[(packet[1] & 0x7f) === OPUS ? 0 : 1];
  if (track.isOpen()) track.sendMessageBinary(Buffer.from(packet));
});
await end(() => pc.close(), leave);
