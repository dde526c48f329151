// Clients and players in a page, all behind the same four functions of `window.clients`.
import { WebRTCPlayer } from "@eyevinn/webrtc-player";
import { WHIPClient as EyevinnClient } from "@eyevinn/whip-web-client";
import Hls from "hls.js";
import shaka from "shaka-player";
import videojs from "video.js";
import { WHEPClient } from "whip-whep/whep.js";
import { WHIPClient } from "whip-whep/whip.js";

let analyser;
let video;
const errors = [];

/** Returns a running AudioContext. Throws if it does not run: some browsers need a sound device. */
async function sounding() {
  const context = new AudioContext();
  await Promise.race([context.resume(), wait(8000)]);
  if (context.state !== "running") throw new Error("Its AudioContext does not begin");
  return context;
}

/** Returns a stream with a tone and a coloured canvas, like one of a microphone and a camera. */
async function source(hertz) {
  const context = await sounding();
  const tone = new OscillatorNode(context, { frequency: hertz });
  const out = new MediaStreamAudioDestinationNode(context);
  tone.connect(new GainNode(context, { gain: 0.2 })).connect(out);
  tone.start();
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  document.body.append(canvas);
  const brush = canvas.getContext("2d");
  setInterval(() => {
    brush.fillStyle = `hsl(${(performance.now() / 10) % 360} 80% 50%)`;
    brush.fillRect(0, 0, 320, 180);
  }, 60);
  return new MediaStream([...out.stream.getTracks(), ...canvas.captureStream(15).getTracks()]);
}

async function post(pc, endpoint, token) {
  await pc.setLocalDescription();
  const gathered = () => pc.iceGatheringState === "complete";
  for (let turn = 0; turn < 40 && !gathered(); turn++) await wait(50);
  const headers = { "Content-Type": "application/sdp", Authorization: `Bearer ${token}` };
  const body = pc.localDescription.sdp;
  const answer = await fetch(endpoint, { method: "POST", headers, body });
  if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`);
  await pc.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  const session = new URL(answer.headers.get("Location"), endpoint);
  return async () => {
    pc.close();
    await fetch(session, { method: "DELETE" });
  };
}

function needsWebRTC() {
  if (!window.RTCPeerConnection) throw new Error("It has no WebRTC: RTCPeerConnection is undefined");
}

const connection = () => new RTCPeerConnection({ bundlePolicy: "max-bundle" });
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const send = (pc, stream) =>
  stream.getTracks().forEach((track) => pc.addTransceiver(track, { direction: "sendonly" }));
const receive = (pc) => {
  const direction = "recvonly";
  const places = ["audio", "video"].map((kind) => pc.addTransceiver(kind, { direction }));
  return new MediaStream(places.map((place) => place.receiver.track));
};

const publishers = {
  async browser(stream, endpoint, token) {
    const pc = connection();
    send(pc, stream);
    return await post(pc, endpoint, token);
  },
  async medooze(stream, endpoint, token) {
    const pc = connection();
    send(pc, stream);
    const client = new WHIPClient();
    await client.publish(pc, endpoint, token);
    return () => client.stop();
  },
  async eyevinn(stream, endpoint, token) {
    const client = new EyevinnClient({ endpoint, opts: { authkey: token, iceServers: [] } });
    await client.ingest(stream);
    return () => client.destroy();
  },
};

const listeners = {
  async browser(endpoint, token) {
    const pc = connection();
    video.srcObject = receive(pc);
    return await post(pc, endpoint, token);
  },
  async medooze(endpoint, token) {
    const pc = connection();
    video.srcObject = receive(pc);
    const client = new WHEPClient();
    await client.view(pc, endpoint, token);
    return () => client.stop();
  },
  async eyevinn(endpoint, token) {
    const player = new WebRTCPlayer({ video, type: "whep", iceServers: [] });
    await player.load(new URL(endpoint), `Bearer ${token}`);
    for (let turn = 0; turn < 100 && !video.srcObject; turn++) await wait(100);
    return () => player.unload();
  },
};

const players = {
  "hls.js"(url) {
    const hls = new Hls({ lowLatencyMode: true });
    hls.on(Hls.Events.ERROR, (_, told) => told.fatal && errors.push(`${told.type} ${told.details}`));
    hls.loadSource(url);
    hls.attachMedia(video);
    return () => hls.destroy();
  },
  async shaka(url) {
    shaka.polyfill.installAll();
    const player = new shaka.Player();
    player.configure({ streaming: { lowLatencyMode: true } });
    player.addEventListener("error", ({ detail }) => errors.push(`shaka ${detail.code}`));
    await player.attach(video);
    await player.load(url);
    return () => player.destroy();
  },
  "video.js"(url) {
    // With partial segments, it can start at a picture that needs an earlier one, and then freezes for up to 20 s.
    const options = { html5: { vhs: { overrideNative: true, llhls: false } } };
    const player = videojs(video, options);
    player.on("error", () => errors.push(`video.js ${player.error().code}`));
    player.src({ src: url, type: "application/vnd.apple.mpegurl" });
    return () => player.dispose();
  },
  native(url) {
    if (!video.canPlayType("application/vnd.apple.mpegurl")) throw new Error("It plays no HLS: canPlayType says so");
    video.src = url;
    return () => video.removeAttribute("src");
  },
};

function screen() {
  video = document.createElement("video");
  Object.assign(video, { autoplay: true, playsInline: true, crossOrigin: "anonymous" });
  video.onerror = () => errors.push(video.error.message || `media error ${video.error.code}`);
  document.body.append(video);
}

async function listenTo(make) {
  const context = await sounding();
  analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
  make(context).connect(analyser);
  return context;
}

let stop = () => {};
window.clients = {
  async publish(kind, endpoint, token, hertz) {
    needsWebRTC();
    stop = await publishers[kind](await source(hertz), endpoint, token);
  },
  async listen(kind, endpoint, token) {
    needsWebRTC();
    screen();
    video.muted = true; // the sound is heard below
    stop = await listeners[kind](endpoint, token);
    video.play().catch(() => {});
    await listenTo((context) => context.createMediaStreamSource(video.srcObject));
  },
  async play(kind, url, from) {
    screen();
    const context = await listenTo((context) => context.createMediaElementSource(video));
    analyser.connect(new GainNode(context, { gain: 0 })).connect(context.destination);
    stop = await players[kind](url);
    if (from) video.addEventListener("loadedmetadata", () => (video.currentTime = from));
    video.play().catch((error) => error.name !== "AbortError" && errors.push(error.message));
  },
  heard() {
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const loudest = Math.max(...bins);
    const hertz = (bins.indexOf(loudest) * analyser.context.sampleRate) / analyser.fftSize;
    const { videoWidth: width, videoHeight: height } = video;
    return { hertz: loudest > -60 ? hertz : 0, width, height, errors };
  },
  async stop() {
    await stop();
  },
};
