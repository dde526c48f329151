import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import "../support/page.js";

const asked = [];
let plugged = [];

class Track extends EventTarget {
  readyState = "live";
  label = "";
  constructor(id) {
    super();
    this.id = id;
  }
  getSettings() {
    return { deviceId: this.id };
  }
  stop() {
    this.readyState = "ended";
  }
  /** Unplug the device. */
  vanish() {
    this.stop();
    this.dispatchEvent(new Event("ended"));
  }
}

const remembered = new Map();
globalThis.localStorage = {
  getItem: (key) => remembered.get(key) ?? null,
  setItem: (key, value) => remembered.set(key, value),
};
globalThis.MediaStream = class {
  constructor(tracks) {
    this.tracks = tracks;
  }
};
const mediaDevices = Object.assign(new EventTarget(), {
  getUserMedia: async ({ audio, video }) => {
    const wanted = (audio ?? video).deviceId?.exact ?? "";
    asked.push(wanted);
    const id = wanted ? plugged.find((one) => one === wanted) : plugged[0];
    if (!id) throw new DOMException("", wanted ? "OverconstrainedError" : "NotFoundError");
    return { getTracks: () => [new Track(id)] };
  },
});
Object.defineProperty(globalThis, "navigator", { value: { mediaDevices }, configurable: true });

const { Devices, explain } = await import("/static/media/devices.js");

beforeEach(() => {
  asked.length = 0;
  remembered.clear();
  plugged = ["built-in", "headset"];
});

/** Open a microphone, and collect the messages to the page. */
async function opened(id) {
  remembered.set("hemicycle-device-microphone", id);
  const devices = new Devices({ picture: false });
  const told = [];
  devices.addEventListener("trouble", (event) => told.push(event.detail));
  assert.equal(await devices.open(), true);
  return { devices, told };
}

/** Wait until the page has got a message. */
async function heard(told) {
  while (!told.length) await new Promise((resolve) => setImmediate(resolve));
}

test("an unplugged microphone is replaced by another one, and the page says so", async () => {
  const { devices, told } = await opened("headset");
  plugged = ["built-in"];
  devices.stream.tracks[0].vanish();
  await heard(told);
  assert.deepEqual(told, ["devices.microphone_unplugged"]);
  assert.equal(devices.inUse("microphone"), "built-in");
  assert.equal(remembered.get("hemicycle-device-microphone"), "");
});

test("where no other microphone is there, the page says that none is", async () => {
  const { devices, told } = await opened("headset");
  plugged = [];
  devices.stream.tracks[0].vanish();
  await heard(told);
  assert.deepEqual(told, ["devices.microphone_none"]);
  assert.equal(devices.stream, null);
});

test("a microphone that was chosen once and is not there gives way to another one", async () => {
  const { devices, told } = await opened("gone");
  assert.deepEqual([asked, told, devices.inUse("microphone")], [["gone", ""], [], "built-in"]);
});

test("each reason has a sentence of its own", () => {
  const names = ["NotAllowedError", "NotFoundError", "NotReadableError", "TypeError"];
  const said = names.map((name) => explain(new DOMException("", name), "microphone"));
  const kinds = ["denied", "none", "busy", "failed"];
  assert.deepEqual(said, kinds.map((kind) => `devices.microphone_${kind}`));
});
