// What all carriers on Node share: they send one offer by HTTP, and frame packets with two bytes of length.

/** Sends the offer; returns the answer, and a function that ends the connection at the engine. */
export async function exchange(url, token, sdp) {
  const headers = { "Content-Type": "application/sdp", Authorization: `Bearer ${token}` };
  const response = await fetch(url, { method: "POST", headers, body: sdp });
  const answer = await response.text();
  if (response.status !== 201) throw new Error(`${response.status}: ${answer}`);
  const session = new URL(response.headers.get("location"), url);
  return { answer, leave: () => fetch(session, { method: "DELETE" }) };
}

/** Calls `take` with each packet of the standard input; resolves when the input ends. */
export async function packetsIn(take) {
  let rest = Buffer.alloc(0);
  for await (const chunk of process.stdin) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE()) {
      const end = 2 + rest.readUInt16BE();
      take(rest.subarray(2, end));
      rest = rest.subarray(end);
    }
  }
}

/** Writes a packet to the standard output with the payload type that its reader expects. */
export function packetOut(packet, payloadType) {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(packet.length);
  const copy = Buffer.from(packet);
  copy[1] = (copy[1] & 0x80) | payloadType;
  process.stdout.write(Buffer.concat([length, copy]));
}

/** Ends the process: calls `close` for the connection, then ends it at the engine with `leave`. */
export async function end(close, leave) {
  close();
  await leave();
  process.exit(0);
}

export const OPUS = 111;
export const H264 = 96;
export const L16 = 97;
export const [, , task, url, token] = process.argv;
