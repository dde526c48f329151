// A speaker's line sends a picture at the rate that the engine asks for, and less on a poor link.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { begin } from "../support/page.js";

const { Air } = await import("/static/media/air.js");

beforeEach(() => begin());

function own() {
  return Object.assign(new EventTarget(), { mode: "normal", muted: false, stream: null });
}

/** Return a connection that sends a picture; `sent` has the last bit rate that was set. */
function connection() {
  const pc = { sent: 0, getTransceivers: () => [] };
  pc.getSenders = () => [
    {
      track: { kind: "video" },
      getParameters: () => ({ encodings: [{}] }),
      setParameters: async ({ encodings }) => {
        pc.sent = encodings[0].maxBitrate;
      },
    },
  ];
  return pc;
}

function told(air, you) {
  air.link.latest.you = you;
  air.link.dispatchEvent(new Event("you"));
}

test("a camera sends more where the program has more pixels", async () => {
  const devices = own();
  const air = new Air(devices, "/pass/");
  const pc = connection();
  air.link.peer = { pc };
  told(air, { state: "up", camera_bps: 2_545_000 });
  await Promise.resolve();
  assert.equal(pc.sent, 2_545_000);
  devices.mode = "low";
  devices.dispatchEvent(new Event("mode"));
  await Promise.resolve();
  assert.equal(pc.sent, 150_000);
  devices.mode = "normal";
  devices.dispatchEvent(new Event("mode"));
  await Promise.resolve();
  assert.equal(pc.sent, 2_545_000);
});

test("an engine that says nothing gets what 640x360 needs", async () => {
  const air = new Air(own(), "/pass/");
  const pc = connection();
  air.link.peer = { pc };
  told(air, { state: "up" });
  await Promise.resolve();
  assert.equal(pc.sent, 0);
});
