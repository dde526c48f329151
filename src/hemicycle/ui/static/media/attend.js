// News and controls of the engine without a media connection, for consoles and desks.

import { Peer } from "./peer.js";
import { reach } from "./pass.js";

/**
 * Open a session without sound and picture. Raises `Refusal`.
 * @param {import("./pass.js").Pass} pass
 */
export async function attend(pass) {
  const answer = await reach(pass.attend, {
    method: "POST",
    headers: { Authorization: `Bearer ${pass.token}` },
  });
  return new Peer(new URL(answer.headers.get("Location") ?? "", answer.url).pathname, null);
}
