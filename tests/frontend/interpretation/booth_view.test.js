import assert from "node:assert/strict";
import { describe, test } from "node:test";

import "../support/page.js"; // this page has no texts, so a message is its key

const { boothViewOf, depth, note } = await import("/static/interpretation/booth_view.js");

const ME = { session: "me", name: "Ada", connected: true, microphone: false, cough: false, since_s: 0 };
const PARTNER = { ...ME, session: "partner", name: "Ben" };

/** Return the view of the French booth. */
function booth(changes = {}) {
  return {
    on: false,
    name: "",
    lost: false,
    output: "fr",
    chosen: "floor",
    incoming: "floor",
    from: "floor",
    depth: 0,
    slow: false,
    trouble: false,
    members: [ME, PARTNER],
    offer: "",
    ...changes,
  };
}

/** Return the state that the page of the French booth knows. */
function known(changes = {}, more = {}) {
  return {
    language: "fr",
    names: { fr: "French", ar: "Arabic" },
    own: new Set(["me", undefined]),
    connected: true,
    booths: { fr: booth(changes) },
    channels: {},
    ...more,
  };
}

describe("the microphone", () => {
  const mic = (changes, more) => boothViewOf(known(changes, more)).mic;
  const speaking = [{ ...ME, microphone: true }, PARTNER];

  test("is not connected before the engine has told of the booth, or while one's voice does not get through", () => {
    assert.equal(mic({}, { booths: {} }), "unconnected");
    assert.equal(mic({}, { connected: false }), "unconnected");
  });

  test("is one's own, the partner's, lost by the partner, or nobody's", () => {
    assert.equal(mic({ on: true, members: speaking }), "on");
    assert.equal(mic({ on: true, members: [{ ...speaking[0], cough: true }] }), "cough");
    assert.equal(mic({ on: true }), "partner");
    assert.equal(mic({ lost: true }), "lost");
    assert.equal(mic({}), "off");
  });

  test("is turned on, off, or taken, by one key", () => {
    const key = (changes) => boothViewOf(known(changes)).mic_key;
    assert.equal(key({}), "console.turn_on");
    assert.equal(key({ on: true, members: speaking }), "console.turn_off");
    assert.equal(key({ lost: true }), "console.take");
  });

  test("that is not what the channel carries is said to be unheard", () => {
    const unheard = (from, on = true) => boothViewOf(known({ on }, { channels: { fr: { from, depth: 0 } } })).unheard;
    assert.deepEqual(["fr", "floor", "ar"].map((from) => unheard(from)), ["", "console.floor_wins", "console.other_wins"]);
    assert.equal(unheard("floor", false), "");
  });
});

describe("an offer to hand over", () => {
  const offer = (changes) => {
    const { offered, waiting, offer_said } = boothViewOf(known(changes));
    return [offered, waiting, offer_said];
  };

  test("of one's own waits, and of the partner can be accepted", () => {
    assert.deepEqual(offer({}), [false, false, ""]);
    assert.deepEqual(offer({ offer: "me" }), [false, true, "console.offer.waits_asked"]);
    assert.deepEqual(offer({ offer: "partner" }), [true, false, "console.offer.asks"]);
  });

  test("of the one who has the microphone gives it", () => {
    const members = [ME, { ...PARTNER, microphone: true }];
    assert.deepEqual(offer({ on: true, members, offer: "partner" }), [true, false, "console.offer.gives"]);
  });
});

test("what is heard is the floor, a relay, or what it fell back to and why", () => {
  const said = (changes, booths = {}) =>
    boothViewOf({ ...known(), booths: { fr: booth(changes), ...booths } }).incoming;
  assert.equal(said({}), "console.incoming.floor");
  assert.equal(said({ chosen: "ar", incoming: "ar", depth: 1 }), "console.incoming.relay");
  assert.equal(said({ chosen: "ar" }), "console.incoming.fell_to_floor");
  assert.equal(said({ chosen: "ar" }, { en: booth({ on: true, output: "ar" }) }), "console.incoming.spoken");
  assert.equal(said({ chosen: "ar", incoming: "en" }), "console.incoming.fell");
});

test("a key of a channel says what one would hear there", () => {
  const channels = { ar: { from: "ar", depth: 0 }, en: { from: "ar", depth: 2 }, es: { from: "floor", depth: 0 } };
  const notes = ["ar", "en", "es", "zh"].map((channel) => note(channel, known({}, { channels })));
  assert.deepEqual(notes, ["console.depth.1", "console.depth.more · console.channel.by", "console.channel.silent", ""]);
  assert.deepEqual([0, 1, 2, 3].map(depth), ["", "console.depth.1", "console.depth.2", "console.depth.more"]);
});
