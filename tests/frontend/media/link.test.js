import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { begin, opened, pass, server, settled } from "../support/page.js";

const { Link } = await import("/static/media/link.js");
const { Peer } = await import("/static/media/peer.js");
const { Refusal } = await import("/static/media/pass.js");

/** The number of passes given, and the passes of all offers. */
let passes = 0;
let offers = [];
/** The engine's answers to the next offers (default: a session). */
let answers = [];

class FakeConnection extends EventTarget {
  connectionState = "connected";
  bytes = 0;
  isClosed = false;
  transport = Object.assign(new EventTarget(), { state: "connected" });

  getReceivers() {
    return [{ transport: this.transport }];
  }

  async getStats() {
    return new Map([["transport", { type: "transport", bytesReceived: this.bytes }]]);
  }

  become(state) {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }

  close() {
    this.isClosed = true;
  }
}

const news = () => opened.sockets.at(-1);
const asked = () => opened.requests.filter(({ method }) => method === "POST").length;

/** @param {{ use?: string, pc?: () => FakeConnection | null }} [how] */
function connect({ use = "attend", pc = () => null } = {}) {
  const open = async (given) => {
    offers.push(given.token);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    await answer;
    return new Peer(`/media/session-${offers.length}`, pc());
  };
  const link = new Link({ pass: "/h/reference/pass/", use, open });
  link.start();
  return link;
}

/** Connect, and wait until the link is up. */
async function up(how) {
  const link = connect(how);
  await settled();
  assert.equal(link.state, "up");
  return link;
}

beforeEach(() => {
  begin();
  [passes, offers, answers] = [0, [], []];
  server.answer = async (address, { method }) => {
    if (method !== "POST") return new Response(null, { status: 204 });
    passes += 1;
    return Response.json({ token: `pass-${passes}` });
  };
});

test("it connects with a pass and keeps the newest of each event", async () => {
  const link = await up();
  const heard = [];
  link.addEventListener("you", (event) => heard.push(event.detail));
  assert.equal(news().address.href, "wss://hearing.example/media/session-1/events");
  news().event("you", { heard: false });
  news().event("you", { heard: true });
  assert.deepEqual([heard, link.latest.you, offers], [[{ heard: false }, { heard: true }], { heard: true }, ["pass-1"]]);
  link.stop();
  assert.equal(link.state, "idle");
});

describe("a session that is gone", () => {
  test("is followed by another, with a fresh pass", async () => {
    const link = await up();
    news().event("closed", { reason: "lost" });
    assert.deepEqual([link.state, link.sentence], ["lost", "media.lost"]);
    await pass(150);
    assert.deepEqual([link.state, link.sentence, offers], ["up", "", ["pass-1", "pass-2"]]);
    link.stop();
  });

  test("is not followed by another where the engine says why", async () => {
    const link = await up();
    news().event("closed", { reason: "taken" });
    await pass(60_000);
    assert.deepEqual([link.state, link.reason, offers.length], ["closed", "taken", 1]);
    link.start();
    await settled();
    assert.deepEqual([link.state, link.reason], ["up", ""]);
    link.stop();
  });

  test("is noticed by a link that has only the news when the news breaks off", async () => {
    const link = await up();
    news().event("you", {});
    news().break();
    assert.equal(link.state, "lost");
    await pass(150);
    assert.equal(link.state, "up");
    link.stop();
  });
});

describe("a connection with sound", () => {
  test("stays up while packets come, though the news break off", async () => {
    const pc = new FakeConnection();
    const link = await up({ use: "listen", pc: () => pc });
    news().event("you", {});
    news().break();
    for (let second = 0; second < 5; second += 1) {
      pc.bytes += 1_000;
      await pass(1_000);
    }
    assert.deepEqual([link.state, offers.length, opened.sockets.length], ["up", 1, 2]);
    link.stop();
  });

  test("stays up while the server has nothing but an error for its news", async () => {
    const pc = new FakeConnection();
    const link = await up({ use: "listen", pc: () => pc });
    news().event("you", {});
    news().break();
    for (let second = 0; second < 6; second += 1) {
      pc.bytes += 1_000;
      await pass(1_000);
      if (second < 4) opened.sockets.at(-1).break(4503); // the database is away
    }
    assert.deepEqual([link.state, offers.length], ["up", 1]);
    assert.ok(opened.sockets.length < 8, `${opened.sockets.length} sockets`);
    link.stop();
  });

  test("stays up while a proxy answers neither a socket nor a stream", async () => {
    const pc = new FakeConnection();
    const link = await up({ use: "listen", pc: () => pc });
    news().break(); // it did not open
    pc.bytes += 1_000;
    await pass(1_000);
    opened.sources.at(-1).refuse();
    pc.bytes += 1_000;
    await pass(1_000);
    assert.deepEqual([link.state, offers.length, opened.sockets.length], ["up", 1, 2]);
    link.stop();
  });

  test("is followed by another when the engine knows it no longer", async () => {
    const link = await up({ use: "listen", pc: () => new FakeConnection() });
    news().break(4404);
    assert.equal(link.state, "lost");
    link.stop();
  });

  test("is dropped at once when the engine ends it, though no news says so", async () => {
    const pc = new FakeConnection();
    const link = await up({ use: "publish", pc: () => pc });
    pc.transport.state = "closed";
    pc.transport.dispatchEvent(new Event("statechange"));
    assert.equal(link.state, "lost");
    link.stop();
  });

  test("is dropped when no packet came for a second", async () => {
    const pcs = [];
    const link = await up({ use: "listen", pc: () => pcs[pcs.push(new FakeConnection()) - 1] });
    pcs[0].bytes = 1_000;
    await pass(1_000);
    assert.equal(link.state, "up");
    await pass(2_000);
    assert.equal(pcs[0].isClosed, true);
    assert.ok(offers.length > 1);
    link.stop();
  });

  test("is dropped when it stays disconnected for a second, and at once when it failed", async () => {
    for (const [state, wait] of [["disconnected", 1_000], ["failed", 0]]) {
      const pc = new FakeConnection();
      const link = await up({ use: "publish", pc: () => pc });
      pc.become(state);
      if (wait) await pass(wait - 10);
      assert.equal(link.state, wait ? "up" : "lost", state);
      await pass(wait && 10);
      assert.equal(link.state, "lost", state);
      link.stop();
    }
  });

  test("that was disconnected for a moment stays", async () => {
    const pc = new FakeConnection();
    const link = await up({ use: "publish", pc: () => pc });
    pc.become("disconnected");
    await pass(500);
    pc.become("connected");
    await pass(1_000);
    assert.deepEqual([link.state, offers.length], ["up", 1]);
    link.stop();
  });
});

test("after the end of a meeting it says so and asks for no other pass", async () => {
  server.answer = async () => Response.json({ code: "meeting_closed", error: "This meeting is closed." });
  const link = connect();
  await pass(60_000);
  assert.deepEqual([link.state, link.sentence, offers, asked()], ["closed", "This meeting is closed.", [], 1]);
});

describe("an engine that refuses", () => {
  test("for now is asked again, with the pass that was not used", async () => {
    answers = [new Refusal("The engine starts.", 503)];
    const link = connect();
    await settled();
    assert.deepEqual([link.state, link.sentence], ["connecting", "The engine starts."]);
    await pass(500);
    assert.deepEqual([link.state, offers, asked()], ["up", ["pass-1", "pass-1"], 1]);
    link.stop();
  });

  test("the pass that was kept is asked with a fresh one", async () => {
    answers = [new Refusal("The engine starts.", 503), new Refusal("The pass is used up.", 401)];
    const link = connect();
    await pass(500);
    assert.deepEqual([link.state, offers], ["up", ["pass-1", "pass-1", "pass-2"]]);
    link.stop();
  });

  test("for good is not asked again", async () => {
    answers = [new Refusal("You were removed.", 403)];
    const link = connect();
    await pass(60_000);
    assert.deepEqual([link.state, link.sentence, offers.length], ["closed", "You were removed.", 1]);
  });
});

test("a link that was closed in the meantime gets no session", async () => {
  let answer = () => {};
  answers = [new Promise((resolve) => (answer = resolve))];
  const link = connect();
  await settled();
  link.stop();
  answer();
  await settled();
  const ended = opened.requests.filter(({ method }) => method === "DELETE");
  assert.deepEqual([link.state, link.peer, ended.length], ["idle", null, 1]);
});
