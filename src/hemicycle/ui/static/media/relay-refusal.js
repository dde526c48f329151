// Whether a relay (TURN) answers that it refuses. Each address is asked separately: when they were asked
// together and a firewall let only one answer, Chromium (156) did not report its refusal within 25 s.

/** The error codes with which a relay refuses (RFC 8489, RFC 8656); 701 means that none answered. */
const REFUSES = { from: 300, to: 699 };

/**
 * Resolves to whether a relay refuses within `ms`; always false in browsers that do not report it.
 * @param {RTCConfiguration} configuration with the relays and their credentials
 * @param {number} ms
 * @returns {Promise<boolean>}
 */
export function relayRefuses({ iceServers = [] }, ms) {
  const relays = iceServers.flatMap(({ urls, ...more }) => [urls].flat().map((url) => ({ ...more, urls: url })));
  return new Promise((resolve) => {
    const asked = relays.map((relay) => refuses(relay, ms));
    for (const answer of asked) answer.then((is) => is && resolve(true));
    Promise.all(asked).then(() => resolve(false));
  });
}

/** @param {RTCIceServer} relay @param {number} ms @returns {Promise<boolean>} */
async function refuses(relay, ms) {
  const pc = new RTCPeerConnection({ iceServers: [relay], iceTransportPolicy: "relay" });
  try {
    pc.addTransceiver("audio", { direction: "recvonly" });
    const answer = new Promise((resolve) => {
      setTimeout(() => resolve(false), ms);
      pc.addEventListener("icecandidateerror", ({ errorCode }) => {
        if (errorCode >= REFUSES.from && errorCode <= REFUSES.to) resolve(true);
      });
    });
    await pc.setLocalDescription(await pc.createOffer());
    return await answer;
  } catch {
    return false; // an error here says nothing about the relay
  } finally {
    pc.close();
  }
}
