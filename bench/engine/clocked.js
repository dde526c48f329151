// In a page of a bench: `clocked.mark()` makes its microphone and camera change at the same instants,
// `clocked.hear(selector)` and `clocked.see(selector)` note what its loudspeaker and screen show, and
// when. All times are ms since the Unix epoch, by the one clock of this machine.
{
  const RATE = 48_000;
  const LOUD = 0.1;
  const LONG_S = 0.2;
  // 30 pictures a second, as cameras give: they meet the program's 25 in every way, where 25 would meet
  // them in one way for a whole run, by chance.
  const FRAME_MS = 33;
  const SIZE = { width: 640, height: 360 };
  const BRIGHT = 180;

  const now = () => performance.timeOrigin + performance.now();

  class Clocked {
    /** What passed the microphone or the loudspeaker: samples, and when each block of them was there. */
    sound = { blocks: [], times: [] };
    /** When the camera, or the screen, turned bright. */
    flashes = [];

    /** A tone that rises, and a field that is lit, for a fifth of a second about once a second. */
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

    /** Keep what leaves the loudspeaker. */
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

    /** Note when the middle of a picture turns bright, by when it is shown. */
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

    /** All that was kept since the last call. */
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
