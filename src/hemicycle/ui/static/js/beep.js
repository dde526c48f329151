// Plays short tones. A browser allows none before someone has pressed something on the page.

/** One for the page: browsers allow few. @type {AudioContext | undefined} */
let audio;

/** Play tones, one after the other. @param {number} times @param {number} [hertz] */
export function beep(times, hertz = 660) {
  audio ??= new AudioContext();
  for (let i = 0; i < times; i += 1) {
    const at = audio.currentTime + i * 0.28;
    const tone = audio.createOscillator();
    const level = audio.createGain();
    tone.frequency.value = hertz;
    level.gain.setValueAtTime(0, at);
    level.gain.linearRampToValueAtTime(0.22, at + 0.02);
    level.gain.linearRampToValueAtTime(0, at + 0.18);
    tone.connect(level).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.2);
  }
}
