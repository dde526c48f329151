// In a page of a test: its microphone is a tone of its own, its camera a small field of one colour,
// and `ear` keeps what leaves its loudspeaker. All else is the page's own code.
//
// `window.voice` says which: { hertz, colour, speech, look }, where `speech` is what is said over and
// over in place of the tone: 16 bits a sample, in base64; and `look` is whom the camera films in place
// of the field (`person.js`). A page without a voice has no devices but the browser's.
{
  const { hertz, colour, speech, look } = window.voice;
  const RATE = 48_000;
  /** As loud as the engine makes everybody: it leaves the level as it is. */
  const LOUD = 0.1;
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
  /** @type {AnalyserNode | undefined} */
  let meter;

  function sound() {
    context ??= new AudioContext({ sampleRate: RATE, sinkId: { type: "none" } });
    const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    const source = speech ? spoken() : new OscillatorNode(context, { frequency: hertz });
    source.connect(new GainNode(context, { gain: speech ? 1 : LOUD })).connect(out);
    if (look) source.connect((meter = new AnalyserNode(context, { fftSize: 1_024 })));
    source.start();
    return out.stream.getAudioTracks()[0];
  }

  function spoken() {
    const bytes = Uint8Array.from(atob(speech), (sign) => sign.charCodeAt(0));
    const samples = Float32Array.from(new Int16Array(bytes.buffer), (value) => value / 32_768);
    const buffer = new AudioBuffer({ length: samples.length, sampleRate: RATE });
    buffer.copyToChannel(samples, 0);
    return new AudioBufferSourceNode(context, { buffer, loop: true });
  }

  /** How loud the voice is now, 0 to 1. */
  function loudness() {
    if (!meter) return 0;
    const heard = new Float32Array(meter.fftSize);
    meter.getFloatTimeDomainData(heard);
    return Math.min(1, 6 * Math.sqrt(heard.reduce((sum, value) => sum + value ** 2, 0) / heard.length));
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

  if (hertz || speech) {
    navigator.mediaDevices.getUserMedia = async ({ audio, video }) =>
      new MediaStream([...(audio ? [sound()] : []), ...(video ? [look ? filmed(look, loudness) : picture()] : [])]);
    // Nobody has allowed it before: the page waits for the press that opens it, and then may sound.
    navigator.permissions.query = async () => ({ state: "prompt" });
  }

  // What is heard.

  class Ear {
    #blocks = [];
    #kept = 0;
    #isOn = false;
    /** @type {AudioContext | undefined} */
    #context;
    /** @type {MediaStreamAudioDestinationNode | undefined} */
    #out;

    /** Keep what comes out of an element, whatever it plays next. @param {string} selector */
    listen(selector) {
      let followed;
      setInterval(() => {
        const element = document.querySelector(selector);
        this.#turnOn(element?.closest("hc-program[data-silent]:not([data-channel])"));
        const track = this.#track(element);
        if (!track || track === followed || track.readyState === "ended") return;
        followed = track;
        this.#follow(track, element);
      }, LOOK_MS);
    }

    /**
     * Press the key for the sound, once, as people do: a browser lets no page sound in which nobody
     * has pressed anything, and a page may ask before the test has evaluated something in it, which
     * counts as a press.
     */
    #turnOn(program) {
      if (!program || this.#isOn) return;
      this.#isOn = true;
      program.querySelector("[data-sound]").click();
    }

    /** How many samples were kept so far. */
    get kept() {
      return this.#kept;
    }

    /** The last samples, 16 bits each, in base64. @param {number} wanted how many, at least */
    async last(wanted) {
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

    /** What an element plays: a stream, or what a player puts together of segments. */
    #track(element) {
      const stream = element?.srcObject ?? (element?.readyState ? this.#played(element) : null);
      return stream?.getAudioTracks()[0];
    }

    #played(element) {
      this.#context ??= new AudioContext({ sampleRate: RATE, sinkId: { type: "none" } });
      this.#out ??= new MediaStreamAudioDestinationNode(this.#context, { channelCount: 1 });
      element.source ??= this.#context.createMediaElementSource(element);
      element.source.connect(this.#out);
      return this.#out.stream;
    }

    async #follow(track, element) {
      const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: WAITING }).readable.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        const heard = new Float32Array(value.numberOfFrames);
        value.copyTo(heard, { planeIndex: 0, format: "f32-planar" });
        value.close();
        const kept = new Int16Array(heard.length);
        const silent = element.muted || element.paused || element.volume === 0;
        if (!silent) for (let at = 0; at < heard.length; at += 1) kept[at] = heard[at] * 32_767;
        this.#keep(kept);
      }
    }

    #keep(block) {
      this.#blocks.push(block);
      this.#kept += block.length;
    }
  }

  window.ear = new Ear();
}
