// Checks the record: entries of which each builds on the one before, the notes bound to them, and the
// published chain.

import { Joinings, OF_LISTS } from "./joint.js";
import { hasHalfSigns, isObject, parseStrictly } from "./json.js";
import {
  CHAIN_SEAL,
  InvalidProof,
  checkSeal,
  followKey,
  linkOf,
} from "./proofs.js";
import { Sha256, fromHex, toHex } from "./sha256.js";

/** @typedef {import("./proofs.js").Sentence} Sentence */
/** @typedef {import("./proofs.js").Seal} Seal */

/**
 * @typedef {object} Content the content of an entry
 * @property {string} hearing
 * @property {number} seq
 * @property {string} kind
 * @property {number} version
 * @property {number} at milliseconds since the Unix epoch
 * @property {string} actor
 * @property {string} role
 * @property {string} meeting
 * @property {string} body
 */

const FORMAT = "hemicycle-record-1";
const CHAIN = "hemicycle-chain-1";
const SUCCEEDED = "key.succeeded";
const RECEIVED = "registration.received";
const ADMITTED_LATE = "registration.admitted_late";
const encoder = new TextEncoder();

/** Thrown for the first check that fails; says where, and why. */
export class Broken extends Error {
  /**
   * @param {Sentence} where
   * @param {Sentence} problem
   */
  constructor(where, problem) {
    super(`${where.key}: ${problem.key}`);
    this.where = where;
    this.problem = problem;
  }
}

/**
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {Sentence}
 */
export function sentence(key, values = {}) {
  return { key, values };
}

/**
 * @param {string} hearing
 * @param {number} seq
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
function brokenEntry(hearing, seq, key, values = {}) {
  return new Broken(sentence("where.entry", { hearing, seq }), sentence(key, values));
}

/** @param {string} hearing */
function genesis(hearing) {
  return new Sha256().update(encoder.encode(`${FORMAT}\n${hearing}`)).digest();
}

/**
 * The content of a row, or null if the row has no valid content.
 * @param {unknown} row
 * @returns {Content | null}
 */
export function contentOf(row) {
  if (!isObject(row)) return null;
  const { hearing, seq, kind, version, at, actor, role, meeting, body } = row;
  if (
    typeof hearing !== "string" ||
    typeof kind !== "string" ||
    typeof actor !== "string" ||
    typeof role !== "string" ||
    typeof meeting !== "string" ||
    typeof body !== "string" ||
    !Number.isSafeInteger(seq) ||
    !Number.isSafeInteger(version) ||
    !Number.isSafeInteger(at)
  ) {
    return null;
  }
  const [number, edition, time] = [Number(seq), Number(version), Number(at)];
  const ident = hearing.replaceAll("-", "");
  return { hearing: ident, seq: number, kind, version: edition, at: time, actor, role, meeting, body };
}

/** @param {Content} content */
function wordsOf({ hearing, kind, actor, role, meeting, body }) {
  return `${hearing} ${kind} ${actor} ${role} ${meeting} ${body}`;
}

/**
 * @param {string} body
 * @returns {Record<string, unknown>}
 */
function fieldsOf(body) {
  try {
    const fields = parseStrictly(body);
    return isObject(fields) ? fields : {};
  } catch {
    return {};
  }
}

/**
 * Whether a registration was received late; the whole second of the deadline still counts.
 * @param {Record<string, unknown>} fields
 */
function isLate({ received, closes }) {
  if (!Number.isSafeInteger(received) || !Number.isSafeInteger(closes)) return false;
  return Math.floor(Number(received) / 1000) > Math.floor(Number(closes) / 1000);
}

const hasher = new Sha256();
let buffer = new Uint8Array(4096);

/**
 * Write the digest of a content into `out`.
 * @param {Content} content
 * @param {Uint8Array} out
 */
export function digestContent(content, out) {
  const { hearing, seq, kind, version, at, actor, role, meeting, body } = content;
  const head = JSON.stringify([FORMAT, hearing, seq, kind, version, at, actor, role, meeting]);
  const text = `${head}\n${body}`;
  if (buffer.length < 3 * text.length) buffer = new Uint8Array(6 * text.length);
  hasher.restart().update(buffer, encoder.encodeInto(text, buffer).written).digest(out);
}

/** Follows the entries of records in order, and throws `Broken` for the first that is wrong. */
export class Follower {
  constructor() {
    /** @type {Map<string, {seq: number, hash: Uint8Array}>} */
    this.ends = new Map();
    /** @type {Map<string, string[]>} the fingerprints of each hearing's keys, in their order */
    this.lines = new Map();
    /** @type {string[]} the hashes of the last hearing, indexed by the number of the entry minus one */
    this.hashes = [];
    /** @type {number[]} the times of these entries in milliseconds, if they are known */
    this.times = [];
    /** @type {Set<string>} the registrations that were admitted late, with their hearings */
    this.admitted = new Set();
    this.joinings = new Joinings();
    this.count = 0;
    this.last = "unknown";
    this.both = new Uint8Array(64);
  }

  /**
   * Check one entry; returns a promise only if the entry names a key.
   * @param {unknown} row
   * @returns {Promise<void> | undefined}
   */
  step(row) {
    const content = contentOf(row);
    const { digest, hash } = isObject(row) ? row : { digest: null, hash: null };
    if (!content || digest === undefined || hash === undefined) {
      const seq = (this.ends.get(this.last)?.seq ?? 0) + 1;
      throw brokenEntry(this.last, seq, "problem.unreadable");
    }
    const { hearing, seq } = content;
    const end = this.ends.get(hearing) ?? { seq: 0, hash: genesis(hearing) };
    if (seq !== end.seq + 1) {
      throw brokenEntry(hearing, seq, "problem.out_of_order", { seq: end.seq });
    }
    this.both.set(end.hash);
    const own = this.both.subarray(32);
    digestContent(content, own);
    if (toHex(own) !== digest || hasHalfSigns(wordsOf(content))) {
      throw brokenEntry(hearing, seq, "problem.content_changed");
    }
    hasher.restart().update(this.both).digest(end.hash);
    const found = toHex(end.hash);
    if (found !== hash) throw brokenEntry(hearing, seq, "problem.not_following");
    const problem = this.problemOfLate(content) || this.problemOfJoined(content);
    if (problem) throw brokenEntry(hearing, seq, problem);
    end.seq = seq;
    this.ends.set(hearing, end);
    this.hashes.push(found);
    this.times.push(content.at);
    this.count += 1;
    this.last = hearing;
    return seq === 1 || content.kind === SUCCEEDED ? this.nameKey(content) : undefined;
  }

  /**
   * What is wrong with the entry of a registration that was received late; "" if nothing is.
   * @param {Content} content
   */
  problemOfLate({ hearing, kind, role, body }) {
    if (kind !== RECEIVED && kind !== ADMITTED_LATE) return "";
    const fields = fieldsOf(body);
    const admitted = `${hearing} ${fields.registration}`;
    if (kind === ADMITTED_LATE) {
      if (role !== "secretariat" || !fields.reason) return "problem.late_without_reason";
      this.admitted.add(admitted);
      return "";
    }
    return isLate(fields) && !this.admitted.has(admitted) ? "problem.late" : "";
  }

  /**
   * What is wrong with an entry that joins two requests; "" if it is right, or of another kind.
   * @param {Content} content
   */
  problemOfJoined(content) {
    return OF_LISTS.has(content.kind) ? this.joinings.problem(content, fieldsOf(content.body)) : "";
  }

  /** @param {Content} content */
  async nameKey({ hearing, seq, kind, body }) {
    let fields;
    try {
      fields = parseStrictly(body);
    } catch {
      throw brokenEntry(hearing, seq, "problem.unreadable");
    }
    if (kind === SUCCEEDED) {
      this.lines.set(hearing, await this.follow(hearing, fields, sentence("where.entry", { hearing, seq })));
    } else {
      const named = isObject(fields) ? fields.key : null;
      this.lines.set(hearing, typeof named === "string" ? [named] : []);
    }
  }

  /**
   * @param {string} hearing
   * @param {unknown} document
   * @param {Sentence} where
   */
  async follow(hearing, document, where) {
    try {
      return await followKey(this.lines.get(hearing) ?? [], hearing, document);
    } catch (error) {
      if (error instanceof InvalidProof) throw new Broken(where, error.sentence);
      throw error;
    }
  }

  /** @param {Seal} seal */
  checkEnd({ hearing, seq, hash }) {
    const end = this.ends.get(hearing) ?? { seq: 0, hash: genesis(hearing) };
    if (end.seq !== seq || toHex(end.hash) !== hash) {
      throw brokenEntry(hearing, end.seq + 1, "problem.end", { head: seq, seq: end.seq });
    }
  }

  /**
   * Whether a given key vouches for the seal; false if none is given. Throws `Broken` if the signer is not
   * the record's last key, or the given key is not one of the record's.
   * @param {Seal} seal
   * @param {string} key
   */
  isTrusted(seal, key) {
    const line = this.lines.get(seal.hearing) ?? [];
    const last = line[line.length - 1];
    const where = sentence("where.seal");
    if (last !== undefined && seal.signer !== last) {
      const values = { signer: seal.signer, other: last };
      throw new Broken(where, sentence("problem.not_the_records_key", values));
    }
    if (key && !(line.length ? line : [seal.signer]).includes(key)) {
      const values = { signer: seal.signer, other: key };
      throw new Broken(where, sentence("problem.not_your_key", values));
    }
    return Boolean(key);
  }
}

/**
 * Check that the words of a note are those to which its entry is bound; throws `Broken`.
 * @param {unknown} note
 */
export function checkNote(note) {
  const { key, salt, text } = isObject(note) ? note : { key: null, salt: null, text: null };
  const bytes = fromHex(salt);
  if (typeof key !== "string" || typeof text !== "string" || !bytes) {
    throw new Broken(sentence("where.a_note"), sentence("problem.unreadable"));
  }
  if (toHex(new Sha256().update(bytes).update(encoder.encode(text)).digest()) !== key) {
    const where = sentence("where.note", { key: key.slice(0, 12) });
    throw new Broken(where, sentence("problem.words_changed"));
  }
}

/**
 * Whether a document is a published chain; throws `InvalidProof` if it cannot be read.
 * @param {import("./proofs.js").Fields} document
 */
export function isChain(document) {
  return document.format === CHAIN;
}

/**
 * Check the links, the seal and the signer of a published chain. Throws `Broken`, or `InvalidProof` if it
 * is not a chain.
 * @param {import("./proofs.js").Fields} document
 * @param {string} key
 * @param {() => Promise<void>} pause
 */
export async function checkChain(document, key, pause) {
  const { entries, successions, hearing, seal: sealed } = document;
  if (
    !Array.isArray(entries) ||
    !Array.isArray(successions) ||
    typeof hearing !== "string" ||
    sealed === undefined
  ) {
    throw new InvalidProof("proof.no_chain");
  }
  const follower = new Follower();
  const where = sentence("where.seal");
  const seal = await sealOf(JSON.stringify(sealed), CHAIN_SEAL, where);
  let hash = toHex(genesis(hearing));
  for (const row of entries) {
    const seq = follower.count + 1;
    const next = isObject(row) ? linkOf(hash, row.digest) : null;
    if (!isObject(row) || next === null || row.seq !== seq || row.hash !== next) {
      throw brokenEntry(hearing, seq, "problem.not_following");
    }
    hash = next;
    follower.hashes.push(hash);
    follower.count = seq;
    if (seq % 5000 === 0) await pause();
  }
  const end = fromHex(hash) ?? new Uint8Array();
  follower.ends.set(seal.hearing, { seq: follower.count, hash: end });
  follower.checkEnd(seal);
  for (const [index, succession] of successions.entries()) {
    const place = sentence("where.succession", { number: index + 1 });
    follower.lines.set(hearing, await follower.follow(hearing, succession, place));
  }
  return { seal, follower, isTrusted: follower.isTrusted(seal, key) };
}

/**
 * A seal with a valid signature; throws `Broken` with `where` for any other.
 * @param {string} text
 * @param {string} form
 * @param {Sentence} where
 */
export async function sealOf(text, form, where) {
  try {
    return await checkSeal(text, form);
  } catch (error) {
    if (error instanceof InvalidProof) throw new Broken(where, error.sentence);
    throw error;
  }
}
