// The checkpoints that an archive or a chain carries, as hemicycle.record.log.carried defines them. The
// whole record is available, so their roots are computed from its hashes, and no proof is needed.

import { isObject } from "./json.js";
import { Frontier, LOG, checkNoteSignature, cosigners, parseCheckpoint, parseNote, verifierKey } from "./log.js";
import { InvalidProof, derOf, fromBase64, parseDocument } from "./proofs.js";
import { Broken } from "./record.js";
import { sha256, toHex } from "./sha256.js";

/** @typedef {import("./log.js").VerifierKey} VerifierKey */

/**
 * @typedef {object} Carried a checkpoint to which the record leads
 * @property {string} origin
 * @property {number} size
 * @property {{name: string, at: number}[]} witnessed cosignatures that match the given keys
 * @property {string[]} unknown the names on other cosignatures
 * @property {boolean} hasStamp whether it has a signature of a time-stamp authority, which is not checked
 */

/** @typedef {{note: import("./log.js").Note, checkpoint: import("./log.js").Checkpoint, own: VerifierKey, signer: string, hasStamp: boolean}} Claim */

export const CHECKPOINTS = "checkpoints.json";
const LIST = "hemicycle-checkpoints-1";
const MOST_CHECKPOINTS = 256;
const PAUSE_EVERY = 5000;

/**
 * The list of checkpoints in the file of an archive; throws `InvalidProof`.
 * @param {string} text
 */
export function checkpointsIn(text) {
  const document = parseDocument(text);
  const names = Object.keys(document).sort().join(" ");
  if (names !== "checkpoints format" || document.format !== LIST) {
    throw new InvalidProof("carried.unreadable");
  }
  return document.checkpoints;
}

/**
 * Read one checkpoint and check who signed it; throws `InvalidProof`.
 * @param {unknown} document
 * @returns {Promise<Claim>}
 */
async function claimOf(document) {
  const fields = isObject(document) ? document : {};
  const names = Object.keys(fields).filter((name) => name !== "token");
  const { checkpoint: whole, key, token } = fields;
  if (
    names.sort().join(" ") !== "checkpoint key" ||
    typeof whole !== "string" ||
    typeof key !== "string" ||
    ("token" in fields && fromBase64(token) === null)
  ) {
    throw new InvalidProof("carried.unreadable");
  }
  const note = parseNote(whole);
  const der = derOf(key);
  const checkpoint = parseCheckpoint(note.text);
  if (!checkpoint.size) throw new InvalidProof("carried.unreadable");
  const own = verifierKey(checkpoint.origin, LOG, der.subarray(12));
  await checkNoteSignature(note, own);
  return { note, checkpoint, own, signer: sha256(der), hasStamp: "token" in fields };
}

/**
 * Check that a record leads to the checkpoints that it carries; throws `Broken`.
 * @param {() => unknown} documents returns the list
 * @param {import("./record.js").Follower} follower
 * @param {import("./proofs.js").Seal} seal
 * @param {VerifierKey[]} witnesses the keys of witnesses that are known from another source
 * @param {() => Promise<void>} pause
 * @param {import("./proofs.js").Sentence} where
 * @returns {Promise<Carried[]>}
 */
export async function checkCheckpoints(documents, follower, seal, witnesses, pause, where) {
  try {
    const claims = await claimsOf(documents());
    const line = follower.lines.get(seal.hearing) ?? [];
    const wanted = new Set(claims.map(({ checkpoint }) => checkpoint.size));
    const roots = await rootsOf(follower.hashes, wanted, pause);
    const found = [];
    for (const claim of claims) {
      requireLedTo(claim, follower, line.length ? line : [seal.signer], roots);
      const { origin, size } = claim.checkpoint;
      const at = follower.times[size - 1] ?? 0;
      const signed = await cosigners(claim.note, claim.own, witnesses, at);
      found.push({ origin, size, ...signed, hasStamp: claim.hasStamp });
    }
    return found;
  } catch (error) {
    if (error instanceof InvalidProof) throw new Broken(where, error.sentence);
    throw error;
  }
}

/** @param {unknown} documents */
async function claimsOf(documents) {
  if (!Array.isArray(documents) || documents.length > MOST_CHECKPOINTS) {
    throw new InvalidProof("carried.unreadable");
  }
  /** @type {Claim[]} */
  const claims = [];
  for (const document of documents) claims.push(await claimOf(document));
  const [first] = claims;
  const alien = claims.find(({ checkpoint }) => checkpoint.origin !== first.checkpoint.origin);
  if (alien) {
    const values = { one: first.checkpoint.origin, other: alien.checkpoint.origin };
    throw new InvalidProof("carried.two_logs", values);
  }
  return claims;
}

/**
 * The roots of a record at the given sizes, in hexadecimal digits.
 * @param {string[]} hashes
 * @param {Set<number>} sizes
 * @param {() => Promise<void>} pause
 */
async function rootsOf(hashes, sizes, pause) {
  /** @type {Map<number, string>} */
  const roots = new Map();
  const frontier = new Frontier();
  const last = Math.min(hashes.length, Math.max(0, ...sizes));
  for (let size = 1; size <= last; size += 1) {
    frontier.add(hashes[size - 1]);
    if (sizes.has(size)) roots.set(size, toHex(frontier.root()));
    if (size % PAUSE_EVERY === 0) await pause();
  }
  return roots;
}

/**
 * Throw `InvalidProof` unless a key of the record signed the checkpoint and the record leads to its root.
 * @param {Claim} claim
 * @param {import("./record.js").Follower} follower
 * @param {string[]} signers
 * @param {Map<number, string>} roots
 */
function requireLedTo({ checkpoint, signer }, { count }, signers, roots) {
  const { origin, size, root } = checkpoint;
  if (!signers.includes(signer)) throw new InvalidProof("carried.other_key", { size, signer });
  if (size > count) throw new InvalidProof("carried.cut", { size, count });
  if (roots.get(size) !== toHex(root)) throw new InvalidProof("carried.other_root", { size, origin });
}
