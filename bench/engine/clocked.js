// A script for pages of benchmarks. `clocked.mark()` makes the page's microphone and camera change at the same time;
// `clocked.hear(selector)` and `clocked.see(selector)` record its loudspeaker and screen, with times. All times are
// ms since the Unix epoch, by this machine's clock.
{
  const RATE = 48_000;
  const LOUD = 0.1;
  const LONG_S = 0.2;
  // 30 pictures a second, like a camera. Against the program's 25, all phases occur; with 25, a whole run would have
  // a single phase by chance.
  const FRAME_MS = 33;
  const SIZE = { width: 640, height: 360 };
  const BRIGHT = 180;

  const now = () => performance.timeOrigin + performance.now();

  class Clocked {
    /** The sound of the microphone or the loudspeaker: blocks of samples, and the time of each block. */
    sound = { blocks: [], times: [] };
    /** The times at which the picture of the camera or the screen turned bright. */
    flashes = [];

    /** Replaces microphone and camera: about once a second, a tone rises and a field is lit for 0.2 s. */
    mark(low, high) {
      let source;
      navigator.permissions.query = async () => ({ state: "prompt" });
      navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
        source ??= this.#source(low, high);
        const { context, marks, tone } = source;
        const tracks = [];
        if (audio) tracks.push(this.#microphone(context, tone));
        if (video) tracks.push(this.#field(context, marks));
        return new MediaStream(tracks);
      };
    }

    #source(low, high) {
      const context = new AudioContext({ sampleRate: RATE, sinkId: { type: "none" } });
      const marks = [];
      const voice = new OscillatorNode(context, { frequency: low });
      const tone = voice.connect(new GainNode(context, { gain: LOUD }));
      voice.start();
      setInterval(() => {
        if ((marks.at(-1) ?? 0) + LONG_S > context.currentTime) return;
        const next = context.currentTime + 0.7 + 0.3 * Math.random();
        voice.frequency.setValueAtTime(high, next);
        voice.frequency.setValueAtTime(low, next + LONG_S);
        marks.push(next);
      }, 50);
      return { context, marks, tone };
    }

    #microphone(context, tone) {
      const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
      tone.connect(out);
      const track = out.stream.getAudioTracks()[0];
      this.#keep(track);
      return track;
    }

    #field(context, marks) {
      const canvas = new OffscreenCanvas(SIZE.width, SIZE.height);
      const brush = canvas.getContext("2d");
      const track = new MediaStreamTrackGenerator({ kind: "video" });
      const writer = track.writable.getWriter();
      let lit = false;
      const timer = setInterval(() => {
        if (track.readyState === "ended") return clearInterval(timer);
        const was = lit;
        lit = marks.some((at) => context.currentTime >= at && context.currentTime < at + LONG_S);
        brush.fillStyle = lit ? "white" : "#103040";
        brush.fillRect(0, 0, SIZE.width, SIZE.height);
        const at = now();
        if (lit && !was) this.flashes.push(at);
        writer.write(new VideoFrame(canvas, { timestamp: Math.round(at * 1_000) })).catch(() => {});
      }, FRAME_MS);
      return track;
    }

    /** Records the sound of a media element, also after it gets another track. */
    hear(selector) {
      let followed;
      setInterval(() => {
        const track = document.querySelector(selector)?.srcObject?.getAudioTracks()[0];
        if (!track || track === followed || track.readyState === "ended") return;
        followed = track;
        this.#keep(track);
      }, 50);
    }

    async #keep(track) {
      const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: 1_000 }).readable.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        const at = now();
        if (value.sampleRate !== RATE) throw new Error(`sound at ${value.sampleRate} Hz`);
        const heard = new Float32Array(value.numberOfFrames);
        value.copyTo(heard, { planeIndex: 0, format: "f32-planar" });
        value.close();
        this.sound.blocks.push(Int16Array.from(heard, (sample) => sample * 32_767));
        this.sound.times.push([heard.length, at]);
      }
    }

    /** Records the times at which the middle of a video turns bright, as shown on the screen. */
    see(selector) {
      const video = document.querySelector(selector);
      const brush = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
      let lit = false;
      const look = (_, { expectedDisplayTime, width, height }) => {
        video.requestVideoFrameCallback(look);
        brush.drawImage(video, width / 2 - 8, height / 2 - 8, 16, 16, 0, 0, 1, 1);
        const was = lit;
        lit = brush.getImageData(0, 0, 1, 1).data[1] > BRIGHT;
        if (lit && !was) this.flashes.push(performance.timeOrigin + expectedDisplayTime);
      };
      video.requestVideoFrameCallback(look);
    }

    /** Returns all that was recorded since the last call; the samples are in Base64. */
    async taken() {
      const { blocks, times } = this.sound;
      const flashes = this.flashes;
      this.sound = { blocks: [], times: [] };
      this.flashes = [];
      const reader = new FileReader();
      await new Promise((resolve) => {
        reader.onload = resolve;
        reader.readAsDataURL(new Blob(blocks));
      });
      return { samples: reader.result.split(",")[1] ?? "", times, flashes };
    }
  }

  window.clocked = new Clocked();
}
