// The record as a log: the Merkle tree of RFC 6962, with checkpoints and cosignatures as C2SP specifies
// them (signed-note, tlog-checkpoint, tlog-cosignature). The leaves are the entries' chain hashes.

import { InvalidProof, derOf, fits, fromBase64, toBase64 } from "./proofs.js";
import { Sha256, fromHex, sha256, toHex } from "./sha256.js";

/** @typedef {{name: string, id: string, bytes: Uint8Array}} Signature */
/** @typedef {{text: string, signatures: Signature[]}} Note */
/** @typedef {{name: string, id: string, type: number, key: Uint8Array}} VerifierKey */
/** @typedef {{origin: string, size: number, root: Uint8Array}} Checkpoint */

/**
 * @typedef {object} Proved the result of a receipt's proof
 * @property {Checkpoint} checkpoint
 * @property {string} signer the fingerprint of the key that signed the checkpoint
 * @property {{name: string, at: number}[]} witnessed cosignatures that match the given keys
 * @property {string[]} unknown the names on other cosignatures
 */

export const LOG = 1;
const COSIGNATURE = 4;
const [MOST_TEXT, MOST_SIGNATURES] = [64 * 1024, 100];
const CLOCK_S = 300;
const NAME_OF_KEY = /^[^\s+\u0000-\u001f\u007f]+$/;
const textBytes = new TextEncoder();
const node = new Sha256();
const pair = new Uint8Array(65).fill(1, 0, 1);
const BEFORE_LEAF = Uint8Array.of(0);

/**
 * The hash of two neighbours in the tree.
 * @param {Uint8Array} left
 * @param {Uint8Array} right
 */
function nodeHash(left, right) {
  pair.set(left, 1);
  pair.set(right, 33);
  return node.restart().update(pair).digest();
}

/** @param {Uint8Array} leaf */
function leafHash(leaf) {
  return node.restart().update(BEFORE_LEAF).update(leaf).digest();
}

/**
 * The root to which a proof of inclusion leads (RFC 9162, section 2.1.3.2); null if the proof has the
 * wrong length.
 * @param {Uint8Array} leaf
 * @param {number} index
 * @param {number} size
 * @param {Uint8Array[]} path
 */
export function rootOfInclusion(leaf, index, size, path) {
  if (index < 0 || index >= size) return null;
  let [place, last, found] = [index, size - 1, leafHash(leaf)];
  for (const hashed of path) {
    if (last === 0) return null;
    if (place % 2 || place === last) {
      found = nodeHash(hashed, found);
      while (place % 2 === 0 && place) [place, last] = [place / 2, Math.floor(last / 2)];
    } else {
      found = nodeHash(found, hashed);
    }
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 ? found : null;
}

/** The right edge of a growing tree: complete subtrees side by side, the largest first. */
export class Frontier {
  constructor() {
    this.size = 0;
    /** @type {Uint8Array[]} */
    this.nodes = [];
  }

  /** @param {string} hash of the next leaf, in hexadecimal digits */
  add(hash) {
    let found = leafHash(fromHex(hash) ?? new Uint8Array());
    for (let size = this.size; size % 2; size = Math.floor(size / 2)) {
      found = nodeHash(/** @type {Uint8Array} */ (this.nodes.pop()), found);
    }
    this.nodes.push(found);
    this.size += 1;
  }

  /** The root of the tree, which must have at least one leaf. */
  root() {
    return this.nodes.reduceRight((root, left) => nodeHash(left, root));
  }
}

/**
 * The root over leaves, at least one.
 * @param {string[]} hashes in hexadecimal digits
 */
export function rootOfLeaves(hashes) {
  const frontier = new Frontier();
  for (const hash of hashes) frontier.add(hash);
  return frontier.root();
}

/**
 * The bytes of canonical base64, or none for other text.
 * @param {string} text
 */
function spelledOnce(text) {
  const bytes = fromBase64(text);
  return bytes && toBase64(bytes) === text ? bytes : new Uint8Array();
}

/**
 * @param {string} line
 * @returns {Signature}
 */
function parseSignature(line) {
  const space = line.indexOf(" ", 2);
  const [name, encoded] = space < 0 ? [line.slice(2), ""] : [line.slice(2, space), line.slice(space + 1)];
  const bytes = spelledOnce(encoded);
  if (!line.startsWith("— ") || !NAME_OF_KEY.test(name) || bytes.length < 5) {
    throw new InvalidProof("log.no_signature");
  }
  return { name, id: toHex(bytes.subarray(0, 4)), bytes: bytes.subarray(4) };
}

/**
 * Read a signed note, without checking it; throws `InvalidProof`.
 * @param {string} whole
 * @returns {Note}
 */
export function parseNote(whole) {
  const parted = whole.lastIndexOf("\n\n");
  const lines = whole.slice(parted + 2);
  if (parted < 0 || !lines.endsWith("\n") || whole.length > MOST_TEXT) {
    throw new InvalidProof("log.no_note");
  }
  if (/[\u0000-\u0009\u000b-\u001f]/.test(whole)) throw new InvalidProof("log.no_note");
  const signatures = lines.slice(0, -1).split("\n");
  if (signatures.length > MOST_SIGNATURES) throw new InvalidProof("log.many_signatures");
  return { text: whole.slice(0, parted + 1), signatures: signatures.map(parseSignature) };
}

/**
 * Read the text of a checkpoint; throws `InvalidProof`.
 * @param {string} text
 * @returns {Checkpoint}
 */
export function parseCheckpoint(text) {
  const lines = text.split("\n");
  const end = lines.pop();
  const [origin, size, encoded, ...extensions] = lines;
  const root = spelledOnce(encoded ?? "");
  if (
    lines.length < 3 ||
    end ||
    !origin ||
    extensions.includes("") ||
    !/^(?:0|[1-9][0-9]{0,14})$/.test(size) ||
    root.length !== 32
  ) {
    throw new InvalidProof("log.no_checkpoint");
  }
  return { origin, size: Number(size), root };
}

/**
 * @param {string} name
 * @param {number} type
 * @param {Uint8Array} key
 * @returns {VerifierKey}
 */
export function verifierKey(name, type, key) {
  if (!NAME_OF_KEY.test(name)) throw new InvalidProof("log.no_name", { name });
  const head = textBytes.encode(`${name}\n`);
  const digest = new Sha256().update(head).update(Uint8Array.of(type)).update(key).digest();
  return { name, type, key, id: toHex(digest.subarray(0, 4)) };
}

/**
 * Read the key of a witness as it is printed (`name+id+base64`); null for other text.
 * @param {string} text
 */
export function readWitness(text) {
  const [name, id, ...rest] = text.trim().split("+");
  const whole = spelledOnce(rest.join("+"));
  if (!NAME_OF_KEY.test(name) || whole.length !== 33 || whole[0] !== COSIGNATURE) return null;
  const key = verifierKey(name, COSIGNATURE, whole.subarray(1));
  return key.id === id ? key : null;
}

/**
 * The signatures on a note by one key.
 * @param {Note} note
 * @param {VerifierKey} key
 */
function signaturesOf(note, key) {
  return note.signatures.filter(({ name, id }) => name === key.name && id === key.id);
}

/**
 * @param {VerifierKey} key
 * @param {Uint8Array} signature
 * @param {string} message
 */
async function requireSignature(key, signature, message) {
  if (!(await fits(key.key, signature, textBytes.encode(message)))) {
    throw new InvalidProof("log.changed", { name: key.name });
  }
}

/**
 * Check that the log's own key signed a note; throws `InvalidProof`.
 * @param {Note} note
 * @param {VerifierKey} key
 */
export async function checkNoteSignature(note, key) {
  const own = signaturesOf(note, key);
  if (!own.length) throw new InvalidProof("log.not_signed", { name: key.name });
  for (const { bytes } of own) await requireSignature(key, bytes, note.text);
}

/**
 * Check the cosignatures of a witness; returns the time of the last in seconds, or null if there is none.
 * Throws `InvalidProof` for a cosignature that is wrong, or older than the entry.
 * @param {Note} note
 * @param {VerifierKey} key
 * @param {number} at the entry's time in milliseconds
 */
async function cosignedAt(note, key, at) {
  let signedAt = null;
  for (const { bytes, name } of signaturesOf(note, key)) {
    if (bytes.length !== 72) throw new InvalidProof("log.signature_unreadable", { name });
    const time = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
    await requireSignature(key, bytes.subarray(8), `cosignature/v1\ntime ${time}\n${note.text}`);
    signedAt = Number(time);
  }
  if (signedAt !== null && signedAt + CLOCK_S < Math.floor(at / 1000)) {
    throw new InvalidProof("log.too_old", { name: key.name });
  }
  return signedAt;
}

/**
 * Who has cosigned a checkpoint: the known witnesses, and the names on other cosignatures. Throws
 * `InvalidProof` for a known witness's cosignature that is wrong, or older than the entry.
 * @param {Note} note
 * @param {VerifierKey} own the key of the log
 * @param {VerifierKey[]} witnesses
 * @param {number} at the entry's time in milliseconds
 */
export async function cosigners(note, own, witnesses, at) {
  const witnessed = [];
  for (const key of witnesses) {
    const signedAt = await cosignedAt(note, key, at);
    if (signedAt !== null) witnessed.push({ name: key.name, at: signedAt });
  }
  const known = new Set(witnessed.map(({ name }) => name));
  const others = note.signatures.filter(({ id, name }) => id !== own.id && !known.has(name));
  return { witnessed, unknown: [...new Set(others.map(({ name }) => name))] };
}

/**
 * Check that a proof leads from an entry to its checkpoint; throws `InvalidProof`.
 * @param {import("./proofs.js").Fields} proof
 * @param {{seq: number, hash: string, at: number}} entry
 * @param {VerifierKey[]} witnesses the keys of witnesses that are known from another source
 * @returns {Promise<Proved>}
 */
export async function checkProof(proof, { seq, hash, at }, witnesses) {
  const { checkpoint: whole, path: spelled, key: encoded } = proof;
  const joined = fromBase64(spelled);
  if (typeof whole !== "string" || !joined || joined.length % 32 || encoded === undefined) {
    throw new InvalidProof("log.proof_incomplete");
  }
  const note = parseNote(whole);
  const der = derOf(encoded);
  const checkpoint = parseCheckpoint(note.text);
  const own = verifierKey(checkpoint.origin, LOG, der.subarray(12));
  await checkNoteSignature(note, own);
  const path = Array.from({ length: joined.length / 32 }, (_, i) => joined.subarray(32 * i, 32 * i + 32));
  const leaf = fromHex(hash) ?? new Uint8Array();
  const root = rootOfInclusion(leaf, seq - 1, checkpoint.size, path);
  if (!root || toHex(root) !== toHex(checkpoint.root)) {
    throw new InvalidProof("log.leads_elsewhere", { origin: checkpoint.origin });
  }
  return { checkpoint, signer: sha256(der), ...(await cosigners(note, own, witnesses, at)) };
}
