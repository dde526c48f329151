import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";

import { begin, look, opened, pass, reloads } from "../support/page.js";

const { Feed } = await import("/static/js/feed.js");

const ADDRESS = "/feed/reference/public?token=t";
/** @type {InstanceType<typeof Feed>} */
let feed;
let states = [];

const source = () => opened.sources.at(-1);

function follow() {
  states = [];
  feed = new Feed(ADDRESS, (state) => states.push(state));
}

beforeEach(begin);
afterEach(() => feed.close());

test("frames reach the page under the audience's name and as the floor", () => {
  follow();
  const heard = [];
  for (const name of ["public", "floor"]) {
    document.addEventListener(name, (event) => heard.push([name, event.detail]), { once: true });
  }
  assert.equal(source().address.href, "https://hearing.example/feed/reference/public?token=t");
  source().open();
  source().say("public", { act_seq: 7 }, "12");
  assert.deepEqual(heard, [["public", { act_seq: 7 }], ["floor", { act_seq: 7 }]]);
  assert.deepEqual([feed.state, feed.seq, states], ["live", 12, ["live"]]);
});

test("a process that makes room for another is no break", async () => {
  follow();
  source().open();
  source().say("public", {}, "12");
  source().say("restart", 120, "12");
  assert.equal(opened.sources.length, 1);
  await pass(119);
  assert.equal(opened.sources.length, 1);
  await pass(1);
  assert.equal(opened.sources.length, 2);
  assert.equal(source().address.searchParams.get("after"), "12");
  source().open();
  assert.deepEqual(states, ["live"]);
});

describe("after a break", () => {
  test("it goes on behind the last frame", async () => {
    follow();
    source().open();
    source().say("public", {}, "12");
    source().break();
    assert.equal(opened.sources.length, 1);
    await pass(500);
    assert.equal(opened.sources.length, 2);
    assert.equal(source().address.searchParams.get("after"), "12");
    assert.equal(source().address.searchParams.get("token"), "t");
    source().open();
    assert.deepEqual(states, ["live", "reconnecting", "live"]);
  });

  test("it asks for everything where no frame had come", async () => {
    follow();
    source().break();
    await pass(500);
    assert.equal(source().address.searchParams.has("after"), false);
    assert.equal(feed.state, "connecting");
  });

  test("it tries again after growing pauses, and says after twelve seconds that it is lost", async () => {
    follow();
    source().open();
    source().break();
    for (const pause of [500, 1_000, 2_000, 4_000, 8_000]) {
      const before = opened.sources.length;
      await pass(pause - 10);
      assert.equal(opened.sources.length, before, `earlier than ${pause}`);
      await pass(10);
      assert.equal(opened.sources.length, before + 1, `after ${pause}`);
      source().break();
    }
    assert.deepEqual(states, ["live", "reconnecting", "lost"]);
  });

  test("the pauses start again at the shortest after a connection", async () => {
    follow();
    for (let tries = 0; tries < 4; tries += 1) {
      source().break();
      await pass(15_000);
    }
    source().open();
    source().break();
    const before = opened.sources.length;
    await pass(500);
    assert.equal(opened.sources.length, before + 1);
  });
});

describe("a wake-up", () => {
  test("connects at once when somebody looks again or the network is back", () => {
    follow();
    source().open();
    source().break();
    look("hidden");
    assert.equal(opened.sources.length, 1);
    look("visible");
    assert.equal(opened.sources.length, 2);
    source().break();
    window.dispatchEvent(new Event("online"));
    assert.equal(opened.sources.length, 3);
  });

  test("leaves a connection alone that is there", () => {
    follow();
    source().open();
    feed.wake();
    assert.equal(opened.sources.length, 1);
  });
});

test("a reader whose access has ended loads the page again and follows no more", async () => {
  follow();
  source().open();
  source().say("ended", null);
  assert.equal(reloads.count, 1);
  feed.wake();
  await pass(60_000);
  assert.equal(opened.sources.length, 1);
});

describe("in a room", () => {
  beforeEach(() => {
    document.documentElement.dataset.theme = "room";
  });

  test("it follows over a socket, and speaks of it in the same words", () => {
    follow();
    const [socket] = opened.sockets;
    assert.equal(socket.address.protocol, "wss:");
    socket.say("id: 12\nevent: pub", 'lic\ndata: {"act_seq": 7}\n\n');
    assert.deepEqual([feed.state, feed.seq, opened.sources.length], ["live", 12, 0]);
  });

  test("a socket that does not open is not tried twice in a row", async () => {
    follow();
    opened.sockets[0].break();
    await pass(500);
    assert.deepEqual([opened.sockets.length, opened.sources.length], [1, 1]);
    source().break();
    await pass(1_000);
    assert.deepEqual([opened.sockets.length, opened.sources.length], [2, 1]);
  });

  test("a socket that is refused is tried again as a socket", async () => {
    follow();
    opened.sockets[0].break(4403);
    await pass(500);
    assert.deepEqual([opened.sockets.length, opened.sources.length], [2, 0]);
  });
});
