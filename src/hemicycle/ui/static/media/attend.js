// News and controls of the engine without a connection of one's own: consoles, desks.

import { Peer } from "./peer.js";
import { reach } from "./pass.js";

/**
 * Attend. Raises `Refusal`.
 * @param {import("./pass.js").Pass} pass
 */
export async function attend(pass) {
  const answer = await reach(pass.attend, {
    method: "POST",
    headers: { Authorization: `Bearer ${pass.token}` },
  });
  return new Peer(new URL(answer.headers.get("Location") ?? "", answer.url).pathname, null);
}
