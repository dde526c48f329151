// In a page of a test: its microphone is a tone of its own, its camera a small field of one colour,
// and `ear` keeps what leaves its loudspeaker. All else is the page's own code.
//
// `window.voice` says which: { hertz, colour }; a page without a voice has no devices but the
// browser's.
{
  const { hertz, colour } = window.voice;
  const RATE = 48_000;
  const LOUD = 0.2;
  const LOOK_MS = 100;
  /** So many blocks of 10 ms may wait while the page is busy, before one is lost. */
  const WAITING = 1_000;

  window.connections = 0;
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) {
      super(...given);
      window.connections += 1;
    }
  };

  // What is sent.

  /** @type {AudioContext | undefined} */
  let context;

  function sound() {
    context ??= new AudioContext({ sampleRate: RATE, sinkId: { type: "none" } });
    const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    const tone = new OscillatorNode(context, { frequency: hertz });
    tone.connect(new GainNode(context, { gain: LOUD })).connect(out);
    tone.start();
    return out.stream.getAudioTracks()[0];
  }

  function picture() {
    const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 90 });
    const brush = canvas.getContext("2d");
    const track = canvas.captureStream(5).getVideoTracks()[0];
    let turn = 0;
    const timer = setInterval(() => {
      if (track.readyState === "ended") clearInterval(timer);
      Object.assign(brush, { fillStyle: colour }).fillRect(0, 0, 160, 90);
      Object.assign(brush, { fillStyle: "white" }).fillRect((turn++ * 8) % 160, 40, 10, 10);
    }, 200);
    return track;
  }

  if (hertz) {
    navigator.mediaDevices.getUserMedia = async ({ audio, video }) =>
      new MediaStream([...(audio ? [sound()] : []), ...(video ? [picture()] : [])]);
    // Nobody has allowed it before: the page waits for the press that opens it, and then may sound.
    navigator.permissions.query = async () => ({ state: "prompt" });
  }

  // What is heard.

  class Ear {
    #blocks = [];
    #kept = 0;

    /** Keep what comes out of an element, whatever it plays next. @param {string} selector */
    listen(selector) {
      let followed;
      setInterval(() => {
        const element = document.querySelector(selector);
        const track = this.#track(element);
        if (!track || track === followed) return;
        followed = track;
        this.#follow(track, element);
      }, LOOK_MS);
    }

    /** The last seconds of it, as 16-bit samples in base64; all of it for 0. @param {number} seconds */
    async last(seconds) {
      const wanted = seconds ? Math.min(seconds * RATE, this.#kept) : this.#kept;
      const taken = [];
      for (let left = wanted, at = this.#blocks.length - 1; left > 0 && at >= 0; at -= 1) {
        taken.unshift(this.#blocks[at]);
        left -= this.#blocks[at].length;
      }
      const reader = new FileReader();
      await new Promise((resolve) => {
        reader.onload = resolve;
        reader.readAsDataURL(new Blob(taken));
      });
      return reader.result.split(",")[1] ?? "";
    }

    #track(element) {
      const stream = element?.srcObject ?? this.#captured(element);
      return stream?.getAudioTracks()[0];
    }

    /** A player of segments has no stream of its own. */
    #captured(element) {
      if (!element?.readyState) return null;
      element.captured ??= element.captureStream();
      return element.captured;
    }

    async #follow(track, element) {
      const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: WAITING }).readable.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        const heard = new Float32Array(value.numberOfFrames);
        value.copyTo(heard, { planeIndex: 0, format: "f32-planar" });
        value.close();
        const silent = element.muted || element.paused || element.volume === 0;
        this.#keep(silent ? new Int16Array(heard.length) : Int16Array.from(heard, (each) => each * 32_767));
      }
    }

    #keep(block) {
      this.#blocks.push(block);
      this.#kept += block.length;
    }
  }

  window.ear = new Ear();
}
