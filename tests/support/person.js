// For a page of a walk: a camera that films a person in a room. Everything is drawn, and no real
// person is depicted.
//
// `filmed(look, opening)` returns the camera's track. `look` is { seed, skin, hair, style,
// clothes, wall, room, glasses }, with CSS colours; `style` is "short", "long", "bun", "bald" or "scarf",
// `room` is "shelf", "window" or "plant". `opening()` returns how far the mouth is open now, 0 to 1.
{
  const SIZE = { width: 480, height: 270 };
  const FPS = 10;
  const GRAIN = 160;

  /** Return a generator of random numbers from 0 to 1 (mulberry32). @param {number} seed */
  function chance(seed) {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  const darker = (colour, percent) => `color-mix(in srgb, ${colour}, black ${percent}%)`;
  const lighter = (colour, percent) => `color-mix(in srgb, ${colour}, white ${percent}%)`;

  /** Fill an ellipse, or its part between two angles in radians. */
  function oval(brush, x, y, wide, high, fill, from = 0, to = 2 * Math.PI) {
    brush.beginPath();
    brush.ellipse(x, y, wide, high, 0, from, to);
    brush.fillStyle = fill;
    brush.fill();
  }

  function box(brush, x, y, wide, high, fill) {
    brush.fillStyle = fill;
    brush.fillRect(x, y, wide, high);
  }

  function drawn(paint, { width, height } = SIZE) {
    const canvas = new OffscreenCanvas(width, height);
    paint(canvas.getContext("2d"));
    return canvas;
  }

  // ── The room ──────────────────────────────────────────────────────────────────────────────────
  function room({ seed, wall, room: kind }) {
    const random = chance(seed);
    const { width, height } = SIZE;
    return drawn((brush) => {
      box(brush, 0, 0, width, height, wall);
      box(brush, 0, height * 0.8, width, height, darker(wall, 45)); // a cupboard along the wall
      box(brush, 0, height * 0.8, width, 3, darker(wall, 20));
      if (kind === "shelf") shelf(brush, random);
      if (kind === "window") pane(brush, random);
      if (kind === "plant") plant(brush, random);
      light(brush, random() < 0.5 ? 0 : width);
      chair(brush);
    });
  }

  function shelf(brush, random) {
    for (let row = 0; row < 3; row += 1) {
      const base = 68 + row * 68;
      box(brush, 300, base, 180, 5, "#5b4632");
      for (let x = 306; x < 468; ) {
        const [wide, high] = [6 + random() * 10, 34 + random() * 20];
        box(brush, x, base - high, wide, high, `hsl(${random() * 360}deg 28% ${25 + random() * 30}%)`);
        x += wide + (random() < 0.2 ? 14 : 1);
      }
    }
  }

  function pane(brush, random) {
    const sky = brush.createLinearGradient(0, 20, 0, 180);
    sky.addColorStop(0, "#cfe0ec");
    sky.addColorStop(1, "#eef0e6");
    box(brush, 22, 16, 130, 172, "#e8e4dc");
    box(brush, 30, 24, 114, 156, sky);
    for (let x = 30; x < 140; x += 19) {
      const high = 20 + random() * 60;
      box(brush, x, 180 - high, 17, high, `hsl(210deg 8% ${55 + random() * 20}%)`);
    }
    box(brush, 84, 24, 5, 156, "#e8e4dc");
    box(brush, 30, 96, 114, 5, "#e8e4dc");
  }

  function plant(brush, random) {
    box(brush, 330, 40, 104, 76, "#4a4038"); // a picture on the wall
    box(brush, 336, 46, 92, 64, "#d8cdb8");
    oval(brush, 362, 88, 24, 12, "#8fa08a");
    oval(brush, 396, 92, 28, 14, "#6f8296");
    box(brush, 52, 176, 46, 44, "#9a5f42");
    brush.lineCap = "round";
    for (let leaf = 0; leaf < 16; leaf += 1) {
      const lean = (random() - 0.5) * 110;
      brush.strokeStyle = `hsl(${105 + random() * 30}deg 32% ${22 + random() * 18}%)`;
      brush.lineWidth = 4 + random() * 5;
      brush.beginPath();
      brush.moveTo(75, 180);
      brush.quadraticCurveTo(75 + lean * 0.3, 120, 75 + lean, 70 + random() * 70);
      brush.stroke();
    }
  }

  /** Make one side brighter than the other, and the corners dark. */
  function light(brush, side) {
    const { width, height } = SIZE;
    const glow = brush.createRadialGradient(side, 60, 20, side, 60, width);
    glow.addColorStop(0, "rgb(255 244 214 / 0.42)");
    glow.addColorStop(0.5, "rgb(255 244 214 / 0)");
    glow.addColorStop(1, "rgb(8 12 24 / 0.5)");
    box(brush, 0, 0, width, height, glow);
  }

  function chair(brush) {
    brush.fillStyle = "#2a2d33";
    brush.beginPath();
    brush.roundRect(160, 132, 160, 160, 30);
    brush.fill();
  }

  // ── The person ────────────────────────────────────────────────────────────────────────────────
  function shoulders(brush, { clothes, skin, style }) {
    box(brush, 218, 168, 44, 44, darker(skin, 22)); // the neck, in the chin's shadow
    const cloth = brush.createLinearGradient(120, 0, 360, 0);
    cloth.addColorStop(0, lighter(clothes, 12));
    cloth.addColorStop(1, darker(clothes, 30));
    brush.fillStyle = cloth;
    brush.beginPath();
    brush.moveTo(112, 290);
    brush.bezierCurveTo(118, 216, 170, 212, 216, 194);
    brush.lineTo(240, 226);
    brush.lineTo(264, 194);
    brush.bezierCurveTo(310, 212, 362, 216, 368, 290);
    brush.fill();
    brush.fillStyle = style === "scarf" ? darker(clothes, 10) : "#e9e7e1"; // shirt
    brush.beginPath();
    brush.moveTo(216, 194);
    brush.lineTo(240, 274);
    brush.lineTo(264, 194);
    brush.lineTo(240, 216);
    brush.fill();
    brush.strokeStyle = darker(clothes, 45); // lapels
    brush.lineWidth = 2.5;
    brush.beginPath();
    brush.moveTo(212, 198);
    brush.lineTo(240, 278);
    brush.lineTo(268, 198);
    brush.stroke();
  }

  function hairBehind(brush, { style, hair, clothes }) {
    if (style === "long") oval(brush, 240, 138, 62, 84, darker(hair, 18));
    if (style === "bun") oval(brush, 240, 50, 24, 20, darker(hair, 18));
    if (style === "scarf") oval(brush, 240, 136, 64, 80, darker(clothes, 20));
  }

  function hairInFront(brush, { style, hair, clothes }) {
    if (style === "bald") return;
    const cover = style === "scarf" ? lighter(clothes, 15) : hair;
    brush.fillStyle = cover;
    brush.beginPath();
    brush.moveTo(187, 132);
    brush.bezierCurveTo(178, 34, 302, 34, 293, 132);
    brush.bezierCurveTo(288, 96, 272, 88, 240, 86);
    brush.bezierCurveTo(208, 88, 192, 96, 187, 132);
    brush.fill();
    if (style !== "scarf") return;
    brush.strokeStyle = cover;
    brush.lineWidth = 16;
    brush.beginPath();
    brush.ellipse(240, 132, 55, 66, 0, 0, Math.PI);
    brush.stroke();
  }

  function head(brush, look, { opening, shut }) {
    const { skin, hair, style, glasses } = look;
    hairBehind(brush, look);
    const side = look.seed % 2 ? 215 : 262; // where the light comes from
    const face = brush.createRadialGradient(side, 112, 12, 240, 130, 84);
    face.addColorStop(0, lighter(skin, 16));
    face.addColorStop(0.55, skin);
    face.addColorStop(1, darker(skin, 38));
    if (style !== "scarf") for (const x of [190, 290]) oval(brush, x, 136, 8, 14, darker(skin, 18));
    oval(brush, 240, 130, 52, 66, face);
    for (const x of [219, 261]) {
      oval(brush, x, 128, 13, 9, darker(skin, 14));
      oval(brush, x, 128, 9, shut ? 1.2 : 4.4, shut ? darker(skin, 50) : "#f4f2ee");
      if (!shut) oval(brush, x, 128, 4, 4.2, "#35281f");
      if (!shut) oval(brush, x - 1.5, 126.5, 1.3, 1.3, "white");
      brush.strokeStyle = darker(style === "bald" ? skin : hair, 40);
      brush.lineWidth = 3.2;
      brush.beginPath();
      brush.arc(x, 130, 17, 1.25 * Math.PI, 1.75 * Math.PI);
      brush.stroke();
    }
    oval(brush, 243, 150, 7, 4.5, darker(skin, 24));
    oval(brush, 240, 146, 5, 13, lighter(skin, 6));
    if (style === "bald") oval(brush, 240, 176, 30, 20, darker(hair, 5)); // a beard
    oval(brush, 240, 171, 15, 3.5 + 7 * opening, darker(skin, 40));
    oval(brush, 240, 171, 11, 0.8 + 5.5 * opening, "#3a1518");
    hairInFront(brush, look);
    if (!glasses) return;
    brush.strokeStyle = "#1d1f24";
    brush.lineWidth = 2.2;
    brush.beginPath();
    for (const x of [203, 245]) brush.roundRect(x, 117, 32, 23, 8);
    brush.moveTo(235, 126);
    brush.lineTo(245, 126);
    brush.stroke();
  }

  /** Draw the noise that a sensor adds in poor light. */
  function grain(random) {
    return drawn(
      (brush) => {
        const noise = brush.createImageData(GRAIN, GRAIN);
        for (let at = 0; at < noise.data.length; at += 4) {
          noise.data.fill(random() < 0.5 ? 0 : 255, at, at + 3);
          noise.data[at + 3] = random() * 22;
        }
        brush.putImageData(noise, 0, 0);
      },
      { width: GRAIN, height: GRAIN },
    );
  }

  window.filmed = (look, opening) => {
    const canvas = Object.assign(document.createElement("canvas"), SIZE);
    const brush = canvas.getContext("2d");
    const random = chance(look.seed);
    const [behind, noise] = [room(look), brush.createPattern(grain(random), "repeat")];
    const track = canvas.captureStream(FPS).getVideoTracks()[0];
    const phase = random() * 10;
    let shutUntil = 0;
    const timer = setInterval(() => {
      if (track.readyState === "ended") return clearInterval(timer);
      const now = performance.now() / 1_000;
      if (now > shutUntil + 0.2 && random() < 0.3 / FPS) shutUntil = now + 0.2;
      const sway = Math.sin(now * 0.7 + phase);
      const nod = Math.sin(now * 1.7 + phase) + 2 * opening();
      brush.drawImage(behind, 0, 0);
      brush.save();
      brush.translate(5 * sway, 1.5 * nod + 8);
      shoulders(brush, look);
      brush.translate(240 + 3 * sway, 200);
      brush.rotate(0.04 * Math.sin(now * 0.9 + phase));
      brush.translate(-240, -200 + nod);
      head(brush, look, { opening: opening(), shut: now < shutUntil });
      brush.restore();
      brush.save();
      brush.translate(-random() * GRAIN, -random() * GRAIN);
      box(brush, 0, 0, SIZE.width + GRAIN, SIZE.height + GRAIN, noise);
      brush.restore();
    }, 1_000 / FPS);
    return track;
  };
}
