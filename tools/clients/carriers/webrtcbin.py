"""GStreamer's webrtcbin as a client: `webrtcbin.py publish|listen URL PASS HERTZ`.

It runs under Debian's Python, which has GStreamer's bindings. It writes the sound that it receives
to the standard output as samples (`tools.clients.rtp`), and the size of the picture to the standard
error.
"""

import os
import struct
import sys
import threading
from http.client import HTTPConnection
from urllib.parse import urlsplit

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

L16 = 97
SENT = """
webrtcbin name=web bundle-policy=max-bundle
audiotestsrc is-live=true freq={hertz} volume=0.3 ! audioconvert ! audioresample !
  audio/x-raw,rate=48000,channels=2 ! opusenc ! rtpopuspay pt=111 !
  application/x-rtp,media=audio,encoding-name=OPUS,payload=111 ! web.
videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180,framerate=15/1 !
  x264enc tune=zerolatency key-int-max=30 ! video/x-h264,profile=constrained-baseline !
  rtph264pay pt=96 config-interval=-1 aggregate-mode=zero-latency !
  application/x-rtp,media=video,encoding-name=H264,payload=96 ! web.
"""
RTP = "application/x-rtp,media="
WANTED = (
    RTP + "audio,encoding-name=OPUS,payload=111,clock-rate=48000,encoding-params=(string)2",
    RTP + "video,encoding-name=H264,payload=96,clock-rate=90000,packetization-mode=(string)1",
)
SAMPLES = "audio/x-raw,format=S16BE,rate=48000,channels=1"
HEARD = "queue ! audioconvert ! audioresample ! appsink name=ear emit-signals=true sync=false"
SEEN = "queue ! videoconvert ! fakesink name=eye sync=false"


class Client:
    """One connection to the engine."""

    def __init__(self, task: str, url: str, token: str, hertz: str) -> None:
        self.url, self.token, self.session = urlsplit(url), token, ""
        self.loop = GLib.MainLoop()
        described = SENT.format(hertz=hertz) if task == "publish" else "webrtcbin name=web"
        self.pipeline = Gst.Pipeline.new()
        self.parts = Gst.parse_bin_from_description(described.replace("\n", " "), False)
        self.pipeline.add(self.parts)
        self.web = self.pipeline.get_by_name("web")
        self.web.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        self.web.connect("notify::ice-gathering-state", self.gathered)
        self.web.connect("on-negotiation-needed", self.offer)
        if task == "listen":
            self.web.connect("pad-added", self.arrived)
            direction = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
            for caps in WANTED:
                self.web.emit("add-transceiver", direction, Gst.Caps.from_string(caps))
        else:
            self.only_send()

    def only_send(self) -> None:
        """Let the tracks be sent only, and not received."""
        index = 0
        while place := self.web.emit("get-transceiver", index):
            place.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
            index += 1

    def run(self) -> None:
        """Run until the standard input ends; then end the connection at the engine too."""
        self.pipeline.set_state(Gst.State.PLAYING)
        threading.Thread(target=self.wait, daemon=True).start()
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)
        if self.session:
            self.ask("DELETE", self.session)

    def wait(self) -> None:
        """Wait for the end of the standard input, then stop the main loop."""
        while sys.stdin.buffer.read(65_536):
            pass
        GLib.idle_add(self.loop.quit)

    def offer(self, web: Gst.Element) -> None:
        """Create the offer and set it, which starts the gathering of candidates."""

        def made(promise: Gst.Promise, *_: object) -> None:
            reply = promise.get_reply()  # keep it: it owns the offer
            web.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())

        web.emit("create-offer", None, Gst.Promise.new_with_change_func(made, None))

    def gathered(self, web: Gst.Element, _: object) -> None:
        """Start the exchange of offer and answer once all candidates are gathered."""
        if web.get_property("ice-gathering-state") != GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            return
        if not self.session:
            GLib.idle_add(self.exchange)

    def exchange(self) -> bool:
        """POST the offer and set the answer. Return False: GLib then does not call it again."""
        if self.session:
            return False
        offer = self.web.get_property("local-description").sdp.as_text()
        path = f"{self.url.path}?{self.url.query}"
        self.session, text = self.ask("POST", path, offer)
        _, sdp = GstSdp.SDPMessage.new_from_text(text)
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
        self.web.emit("set-remote-description", answer, Gst.Promise.new())
        return False

    def ask(self, method: str, path: str, body: str = "") -> tuple[str, str]:
        """Send a request; return the `Location` header and the body of the response.

        End the process if the engine refuses.
        """
        http = HTTPConnection(self.url.netloc, timeout=10)
        headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {self.token}"}
        http.request(method, path, body, headers)
        response = http.getresponse()
        text = response.read().decode()
        if response.status >= 300:
            sys.stderr.write(f"{response.status}: {text}\n")
            sys.stderr.flush()
            os._exit(1)  # works from any thread
        return response.headers.get("Location", ""), text

    def arrived(self, _: Gst.Element, pad: Gst.Pad) -> None:
        """Decode a track that has arrived."""
        decoder = Gst.ElementFactory.make("decodebin")
        decoder.connect("pad-added", self.decoded)
        self.parts.add(decoder)
        decoder.sync_state_with_parent()
        pad.link(decoder.get_static_pad("sink"))

    def decoded(self, _: Gst.Element, pad: Gst.Pad) -> None:
        """Listen to decoded sound; write the size of a decoded picture to the standard error."""
        is_sound = pad.get_current_caps().to_string().startswith("audio")
        sink = Gst.parse_bin_from_description(HEARD if is_sound else SEEN, True)
        self.parts.add(sink)
        if is_sound:
            ear = sink.get_by_name("ear")
            ear.set_property("caps", Gst.Caps.from_string(SAMPLES))
            ear.connect("new-sample", self.hear)
        else:
            size = pad.get_current_caps().get_structure(0)
            found = (size.get_value("width"), size.get_value("height"))
            sys.stderr.write("picture {}x{}\n".format(*found))
            sys.stderr.flush()
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))

    def hear(self, ear: Gst.Element) -> Gst.FlowReturn:
        """Write samples to the standard output as packets of at most 20 ms."""
        buffer = ear.emit("pull-sample").get_buffer()
        data = buffer.extract_dup(0, buffer.get_size())
        for first in range(0, len(data), 1920):
            part = data[first : first + 1920]
            header = struct.pack("!BBHII", 0x80, L16, 0, 0, 1)
            sys.stdout.buffer.write(struct.pack("!H", 12 + len(part)) + header + part)
        sys.stdout.buffer.flush()
        return Gst.FlowReturn.OK


if __name__ == "__main__":
    Gst.init(None)
    if sys.argv[1:] == ["version"]:
        print(Gst.version_string().removeprefix("GStreamer "))
    else:
        Client(*sys.argv[1:]).run()
