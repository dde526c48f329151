// Signed documents: receipts, seals and successions of keys, as hemicycle.record.signing writes them.

import { Malformed, canonical, isObject, parseStrictly } from "./json.js";
import { fromHex, sha256, toHex } from "./sha256.js";

/** @typedef {import("./json.js").Json} Json */
/** @typedef {{[name: string]: Json}} Fields */
/** @typedef {{key: string, values: Record<string, string | number>}} Sentence */

/**
 * @typedef {object} Seal
 * @property {string} origin
 * @property {string} hearing
 * @property {number} seq
 * @property {string} hash
 * @property {number} at milliseconds since the Unix epoch
 * @property {string} manifest the SHA-256 of an archive's manifest; empty for a chain
 * @property {string} signer the fingerprint of the key in the seal
 */

/** Thrown for a signed document that is not valid; `sentence` says why. */
export class InvalidProof extends Error {
  /**
   * @param {string} key
   * @param {Record<string, string | number>} [values]
   */
  constructor(key, values = {}) {
    super(key);
    /** @type {Sentence} */
    this.sentence = { key, values };
  }
}

/** Thrown if this browser cannot check Ed25519 signatures, so that no result is possible. */
export class NoSignatures extends Error {}

export const CHAIN_SEAL = "hemicycle-chain-seal-1";
export const ARCHIVE_SEAL = "hemicycle-archive-seal-1";
export const RECEIPT = "hemicycle-receipt-1";
export const SUCCESSION = "hemicycle-key-succession-1";

/** @type {Record<string, string>} */
const KINDS = {
  [CHAIN_SEAL]: "seal_of_chain",
  [ARCHIVE_SEAL]: "seal_of_archive",
  [RECEIPT]: "receipt",
  [SUCCESSION]: "succession",
};
const SEAL_FIELDS = ["at", "format", "hash", "hearing", "key", "origin", "seq"];
const SUCCESSION_FIELDS = "at format hearing key new_key signature";
const DER_OF_ED25519 = "302a300506032b6570032100";
const utf8 = new TextEncoder();

/**
 * The bytes of base64, or null for other text.
 * @param {unknown} text
 */
export function fromBase64(text) {
  const form = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
  if (typeof text !== "string" || !form.test(text)) return null;
  return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
}

/**
 * The base64 of bytes.
 * @param {Uint8Array} bytes
 */
export function toBase64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

/**
 * The DER of a key that a document holds in base64; throws `InvalidProof`.
 * @param {unknown} text
 */
export function derOf(text) {
  const der = fromBase64(text);
  if (!der || der.length !== 44) throw new InvalidProof("proof.key_unreadable");
  if (toHex(der.subarray(0, 12)) !== DER_OF_ED25519) throw new InvalidProof("proof.key_alien");
  return der;
}

/**
 * The fingerprint of a key that a document holds in base64; throws `InvalidProof`.
 * @param {unknown} text
 */
export function fingerprintOf(text) {
  return sha256(derOf(text));
}

/**
 * The fingerprint in a text that a reader typed or pasted: 64 digits, with or without `SHA256:`, spaces
 * and colons, or a public key in PEM; null for other text.
 * @param {string} text
 */
export function readFingerprint(text) {
  const pem = /-----BEGIN PUBLIC KEY-----([\sA-Za-z0-9+/=]+)-----END PUBLIC KEY-----/.exec(text);
  try {
    if (pem) return fingerprintOf(pem[1].replace(/\s/g, ""));
  } catch {
    return null;
  }
  const plain = text.trim().toLowerCase().replace(/^sha256:/, "").replace(/[\s:]/g, "");
  return /^[0-9a-f]{64}$/.test(plain) ? plain : null;
}

/**
 * Whether a signature is valid; throws `NoSignatures` if the browser cannot check it.
 * @param {Uint8Array} raw the key's 32 bytes
 * @param {Uint8Array} signature
 * @param {Uint8Array} message
 */
export async function fits(raw, signature, message) {
  let key;
  try {
    key = await crypto.subtle.importKey("raw", raw.slice(), "Ed25519", false, ["verify"]);
  } catch {
    throw new NoSignatures(); // an old browser, or a page that was loaded over http
  }
  return crypto.subtle.verify("Ed25519", key, signature.slice(), message.slice());
}

/**
 * The unchecked fields of a document; throws `InvalidProof`.
 * @param {string} text
 * @returns {Fields}
 */
export function parseDocument(text) {
  try {
    const document = parseStrictly(text);
    if (isObject(document) && canonical(document)) return document;
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
  }
  throw new InvalidProof("proof.unreadable");
}

/**
 * Check a document's signature with the key that the document contains; throws `InvalidProof`.
 * @param {Fields} document
 * @returns {Promise<{fields: Fields, signer: string}>}
 */
export async function checkSignature(document) {
  const { signature: spelled, ...fields } = document;
  const signature = fromBase64(spelled);
  if (!signature || !("key" in fields)) throw new InvalidProof("proof.unreadable");
  let message;
  try {
    message = utf8.encode(canonical(fields));
  } catch {
    throw new InvalidProof("proof.unreadable");
  }
  const der = derOf(fields.key);
  if (!(await fits(der.subarray(12), signature, message))) throw new InvalidProof("proof.changed");
  if (toBase64(signature) !== spelled) throw new InvalidProof("proof.spelling");
  return { fields, signer: sha256(der) };
}

/**
 * Check a seal of the kind `form`; throws `InvalidProof`.
 * @param {string} text
 * @param {string} form
 * @returns {Promise<Seal>}
 */
export async function checkSeal(text, form) {
  const document = parseDocument(text);
  const wanted = `kind.${KINDS[form]}`;
  if (document.format !== form) {
    const found = typeof document.format === "string" ? KINDS[document.format] : undefined;
    throw new InvalidProof("proof.alien", { found: `kind.${found ?? "other"}`, wanted });
  }
  const { fields, signer } = await checkSignature(document);
  const names = form === ARCHIVE_SEAL ? [...SEAL_FIELDS, "manifest"] : SEAL_FIELDS;
  const { origin, hearing, seq, hash, at, manifest = "" } = fields;
  if (
    Object.keys(fields).sort().join() !== names.slice().sort().join() ||
    !isHex(hearing, 32) ||
    !isHex(hash, 64) ||
    (form === ARCHIVE_SEAL && !isHex(manifest, 64)) ||
    !isCount(seq) ||
    !isCount(at) ||
    typeof origin !== "string" ||
    !origin
  ) {
    throw new InvalidProof("proof.incomplete", { wanted });
  }
  return { origin, hearing, seq, hash, at, manifest: String(manifest), signer };
}

/**
 * @param {unknown} value
 * @param {number} length
 * @returns {value is string}
 */
function isHex(value, length) {
  return typeof value === "string" && value.length === length && /^[0-9a-f]+$/.test(value);
}

/**
 * @param {unknown} value
 * @returns {value is number}
 */
function isCount(value) {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/**
 * The fingerprints of a hearing's keys, including the one that a succession adds; throws `InvalidProof`.
 * @param {string[]} line
 * @param {string} hearing
 * @param {unknown} document
 */
export async function followKey(line, hearing, document) {
  if (
    !isObject(document) ||
    document.format !== SUCCESSION ||
    Object.keys(document).sort().join(" ") !== SUCCESSION_FIELDS
  ) {
    throw new InvalidProof("proof.no_succession");
  }
  const { fields, signer } = await checkSignature(document);
  if (fields.hearing !== hearing) throw new InvalidProof("proof.succession_elsewhere");
  if (line.length && signer !== line[line.length - 1]) {
    throw new InvalidProof("proof.succession_by_other");
  }
  return [...(line.length ? line : [signer]), fingerprintOf(fields.new_key)];
}

/**
 * Throw `InvalidProof` unless the signer is one of the trusted ones.
 * @param {string} signer
 * @param {string[]} trusted
 */
export function requireSigner(signer, trusted) {
  if (!trusted.includes(signer)) throw new InvalidProof("proof.other_key", { fingerprint: signer });
}

/**
 * The hash that binds a digest to the previous hash; null unless both are hexadecimal digests.
 * @param {unknown} previous
 * @param {unknown} digest
 */
export function linkOf(previous, digest) {
  const one = fromHex(previous);
  const two = fromHex(digest);
  if (!one || !two) return null;
  const both = new Uint8Array(one.length + two.length);
  both.set(one);
  both.set(two, one.length);
  return sha256(both);
}
