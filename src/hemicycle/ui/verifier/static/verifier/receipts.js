// Checks receipts: an entry's content and the hash before it, with a signature of its own or a checkpoint's.

import { canonical, isObject } from "./json.js";
import { checkProof, rootOfLeaves } from "./log.js";
import {
  InvalidProof,
  RECEIPT,
  checkSignature,
  linkOf,
  parseDocument,
  requireSigner,
} from "./proofs.js";
import { contentOf, digestContent } from "./record.js";
import { toHex } from "./sha256.js";

/**
 * @typedef {object} Checked a receipt that is consistent
 * @property {import("./record.js").Content} content
 * @property {string} hash
 * @property {import("./json.js").Json} body
 * @property {string} signer
 * @property {import("./log.js").Proved} [proved] if a checkpoint covers the entry
 */

const PROVED = "hemicycle-receipt-2";

/**
 * Check a receipt with the key that it contains; throws `InvalidProof`.
 * @param {string} text
 * @param {import("./log.js").VerifierKey[]} witnesses
 * @returns {Promise<Checked>}
 */
export async function checkReceipt(text, witnesses) {
  const document = parseDocument(text);
  if (document.format === PROVED) return checkProved(document, witnesses);
  if ("signature" in document && document.format !== RECEIPT) {
    throw new InvalidProof("proof.no_receipt");
  }
  const { fields, signer } = await checkSignature(document);
  const entry = entryOf(fields);
  if (fields.hash === undefined) throw new InvalidProof("proof.receipt_incomplete");
  if (entry.hash !== fields.hash) throw new InvalidProof("proof.receipt_contradicts");
  return { ...entry, signer };
}

/**
 * @param {import("./proofs.js").Fields} document
 * @param {import("./log.js").VerifierKey[]} witnesses
 * @returns {Promise<Checked>}
 */
async function checkProved(document, witnesses) {
  const { proof } = document;
  const entry = entryOf(document);
  const names = Object.keys(document).sort().join(" ");
  const isWhole = names === "entry format previous proof" && isObject(proof);
  if (!isWhole || canonical(entry.content) !== canonical(document.entry)) {
    throw new InvalidProof("proof.receipt_incomplete");
  }
  const place = { seq: entry.content.seq, hash: entry.hash, at: entry.content.at };
  const proved = await checkProof(proof, place, witnesses);
  return { ...entry, signer: proved.signer, proved };
}

/**
 * The entry that a receipt holds, and the hash to which it leads.
 * @param {import("./proofs.js").Fields} fields
 */
function entryOf(fields) {
  const content = contentOf(fields.entry);
  if (!content) throw new InvalidProof("proof.receipt_incomplete");
  const digest = new Uint8Array(32);
  digestContent(content, digest);
  const hash = linkOf(fields.previous, toHex(digest));
  let body;
  try {
    body = JSON.parse(content.body);
  } catch {
    throw new InvalidProof("proof.receipt_incomplete");
  }
  if (hash === null) throw new InvalidProof("proof.receipt_incomplete");
  return { content, hash, body };
}

/**
 * Check that a record has the entry of a receipt at its place, that one of the record's keys signed the
 * receipt, and that the record leads to the receipt's checkpoint; throws `InvalidProof`.
 * @param {Checked} checked
 * @param {import("./proofs.js").Seal} seal
 * @param {import("./record.js").Follower} follower
 */
export function checkPlace(checked, seal, follower) {
  const line = follower.lines.get(seal.hearing) ?? [];
  requireSigner(checked.signer, line.length ? line : [seal.signer]);
  const { seq } = checked.content;
  const hash = follower.hashes[seq - 1];
  if (hash === undefined) throw new InvalidProof("proof.no_entry", { seq });
  if (hash !== checked.hash) throw new InvalidProof("proof.another_entry", { seq });
  const checkpoint = checked.proved?.checkpoint;
  if (!checkpoint || checkpoint.size > follower.hashes.length) return;
  const root = rootOfLeaves(follower.hashes.slice(0, checkpoint.size));
  if (toHex(root) !== toHex(checkpoint.root)) {
    throw new InvalidProof("log.other_history", { size: checkpoint.size });
  }
}
