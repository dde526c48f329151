// For a page of a test: its microphone plays a tone of its own, its camera shows a small field of one
// colour, and `ear` records the output of its loudspeaker. Everything else is the page's own code.
//
// `window.voice` is { hertz, colour, speech, look }: `speech` is sound that is repeated in place of the
// tone, with 16 bits a sample, in base64; `look` describes the person whom the camera films in place of
// the field (`person.js`). A page without a tone and speech has only the browser's devices.
{
  const { hertz, colour, speech, look } = window.voice;
  const RATE = 48_000;
  /** The level to which the engine brings everyone, so that it leaves this tone unchanged. */
  const LOUD = 0.1;
  const LOOK_MS = 100;
  /** How many blocks of 10 ms can wait while the page is busy, before one is lost. */
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

  /** Return how loud the voice is now, 0 to 1. */
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
    // As if nobody had given permission yet: the page waits for the press that opens the microphone, and may then
    // play sound.
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

    /** Record what an element plays, also after its source has changed. @param {string} selector */
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
     * Press the button for the sound once, as people do. A browser plays no sound in a page before
     * someone has pressed something there. A script that the test evaluates counts as a press, but the
     * page may ask for one before that.
     */
    #turnOn(program) {
      if (!program || this.#isOn) return;
      this.#isOn = true;
      program.querySelector("[data-sound]").click();
    }

    /** The number of samples recorded so far. */
    get kept() {
      return this.#kept;
    }

    /** Return at least the last `wanted` samples, 16 bits each, in base64. @param {number} wanted */
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

    /** Return the sound of an element, which plays a stream, or segments that a player joins. */
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
