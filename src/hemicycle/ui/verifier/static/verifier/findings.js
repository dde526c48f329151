// Checks the given files, with one finding for each archive, chain and receipt.

import { checkArchive } from "./archive.js";
import { checkCheckpoints } from "./checkpoints.js";
import { InvalidProof, NoSignatures, parseDocument, requireSigner } from "./proofs.js";
import { checkPlace, checkReceipt } from "./receipts.js";
import { Broken, checkChain, isChain, sentence } from "./record.js";
import { Unreadable, isZip, openZip } from "./zip.js";

/** @typedef {import("./proofs.js").Sentence} Sentence */
/** @typedef {import("./proofs.js").Seal} Seal */
/** @typedef {import("./receipts.js").Checked} Checked */
/** @typedef {import("./record.js").Follower} Follower */
/** @typedef {import("./archive.js").Progress} Progress */

/**
 * @typedef {object} Keys known from another source than the files to be checked
 * @property {string} key the fingerprint of the key that must have signed; empty if none is known
 * @property {import("./log.js").VerifierKey[]} witnesses
 */

/** @typedef {import("./checkpoints.js").Carried & {chain: string}} Later with the chain that carries it */

/** The results, as `hemicycle verify` returns them. */
export const [VERIFIED, BROKEN, UNREADABLE, UNKNOWN_SIGNER] = [0, 1, 2, 3];

/**
 * @typedef {object} Finding
 * @property {"archive" | "chain" | "receipt" | "other"} kind
 * @property {string} name of the file or folder
 * @property {number} status
 * @property {Sentence} [where] the part of the file that is wrong, if it can be named
 * @property {Sentence} [problem] what is wrong, or why the file cannot be checked
 * @property {Seal} [seal]
 * @property {Follower} [follower]
 * @property {number} [notes]
 * @property {string[]} [ignored]
 * @property {Checked} [receipt]
 * @property {import("./checkpoints.js").Carried[]} [carried] the checkpoints in the archive or chain
 * @property {Later[]} [later] the checkpoints of a chain that continues the archive
 * @property {import("./log.js").VerifierKey[]} [witnesses] the given keys of witnesses
 * @property {Finding} [against] the chain or archive in which the receipt's entry was found
 */

/** @typedef {{path: string, blob: Blob}} Given a file; `path` has a slash if it is in a folder */

const LARGEST_DOCUMENT = 512 * 1024 * 1024;

/**
 * Check all given files together: the entries of receipts are looked up in the chains and the archives.
 * @param {Given[]} given
 * @param {Keys} keys
 * @param {Progress} progress
 * @returns {Promise<Finding[]>}
 */
export async function checkAll(given, keys, progress) {
  /** @type {Finding[]} */
  const records = [];
  /** @type {{name: string, text: string}[]} */
  const receipts = [];
  for (const [top, inside] of foldersOf(given)) {
    const files = new Map(inside.map(({ path, blob }) => [path.slice(top.length + 1), blob]));
    records.push(await finding("archive", top, () => checkArchive(sources(files), keys, progress)));
  }
  for (const { path, blob } of given.filter(({ path }) => !path.includes("/"))) {
    records.push(...(await checkFile(path, blob, keys, receipts, progress)));
  }
  const chains = records.filter(({ kind, follower }) => kind === "chain" && follower);
  const judged = records.map((record) => (record.kind === "archive" ? besideChains(record, chains) : record));
  const found = [];
  for (const receipt of receipts) {
    found.push(await checkOneReceipt(receipt, records, keys));
  }
  return [...judged, ...found].map((one) => ({ ...one, witnesses: keys.witnesses }));
}

/**
 * The finding of an archive with the later checkpoints of given chains, or that a chain contradicts it.
 * @param {Finding} archive
 * @param {Finding[]} chains
 * @returns {Finding}
 */
function besideChains(archive, chains) {
  const { seal, follower, kind, name } = archive;
  if (!seal || !follower) return archive;
  /** @type {Later[]} */
  const later = [];
  for (const chain of chains) {
    const hashes = chain.follower?.hashes ?? [];
    const line = chain.follower?.lines.get(seal.hearing) ?? [chain.seal?.signer ?? ""];
    if (chain.seal?.hearing !== seal.hearing || !line.includes(seal.signer)) continue;
    const seq = Math.min(hashes.length, follower.hashes.length);
    if (seq && hashes[seq - 1] !== follower.hashes[seq - 1]) {
      const problem = sentence("carried.chain_differs", { name: chain.name, seq });
      return { kind, name, status: BROKEN, problem };
    }
    if (hashes.length < follower.hashes.length) continue; // a shorter chain has no later checkpoints
    later.push(...(chain.carried ?? []).map((one) => ({ ...one, chain: chain.name })));
  }
  return { ...archive, later };
}

/**
 * The given folders by name, each with its files.
 * @param {Given[]} given
 */
function foldersOf(given) {
  /** @type {Map<string, Given[]>} */
  const folders = new Map();
  for (const file of given.filter(({ path }) => path.includes("/"))) {
    const top = file.path.slice(0, file.path.indexOf("/"));
    const inside = folders.get(top) ?? [];
    inside.push(file);
    folders.set(top, inside);
  }
  return folders;
}

/**
 * @param {Map<string, Blob>} blobs
 * @returns {import("./archive.js").Files}
 */
function sources(blobs) {
  return new Map([...blobs].map(([name, blob]) => [name, { size: blob.size, stream: () => blob.stream() }]));
}

/**
 * @param {string} name
 * @param {Blob} blob
 * @param {Keys} keys
 * @param {{name: string, text: string}[]} receipts to which a receipt is added, to be checked last
 * @param {Progress} progress
 * @returns {Promise<Finding[]>}
 */
async function checkFile(name, blob, keys, receipts, progress) {
  /** @type {import("./proofs.js").Fields | null} */
  let document = null;
  const said = await finding("other", name, async () => {
    if (await isZip(blob)) return;
    if ((await blob.slice(0, 1).text()) !== "{") throw new Unreadable("unreadable.unknown");
    if (blob.size > LARGEST_DOCUMENT) throw new Unreadable("unreadable.large", { name });
    const text = await blob.text();
    document = parseDocument(text);
    if (!isChain(document)) receipts.push({ name, text });
  });
  if (said.status === BROKEN) return [{ ...said, status: UNREADABLE }]; // JSON that cannot be read
  if (said.status === UNREADABLE) return [said];
  if (document === null) {
    return [await finding("archive", name, async () => checkArchive(await openZip(blob), keys, progress))];
  }
  if (!isChain(document)) return [];
  const chain = document;
  return [await finding("chain", name, () => checkWholeChain(chain, keys, progress.pause))];
}

/**
 * @param {import("./proofs.js").Fields} chain
 * @param {Keys} keys
 * @param {() => Promise<void>} pause
 */
async function checkWholeChain(chain, { key, witnesses }, pause) {
  const found = await checkChain(chain, key, pause);
  const documents = () => chain.checkpoints ?? [];
  const { follower, seal } = found;
  const where = sentence("where.checkpoints");
  return { ...found, carried: await checkCheckpoints(documents, follower, seal, witnesses, pause, where) };
}

/**
 * Run a check and return its result as a finding.
 * @param {Finding["kind"]} kind
 * @param {string} name
 * @param {() => Promise<(Partial<Finding> & {isTrusted?: boolean}) | void>} check
 * @returns {Promise<Finding>}
 */
async function finding(kind, name, check) {
  try {
    const { isTrusted, ...found } = (await check()) ?? {};
    return { kind, name, status: isTrusted ? VERIFIED : UNKNOWN_SIGNER, ...found };
  } catch (error) {
    if (error instanceof Broken) {
      return { kind, name, status: BROKEN, where: error.where, problem: error.problem };
    }
    if (error instanceof InvalidProof) {
      const status = error.sentence.key === "proof.no_chain" ? UNREADABLE : BROKEN;
      return { kind, name, status, problem: error.sentence };
    }
    if (error instanceof Unreadable) {
      return { kind, name, status: UNREADABLE, problem: error.sentence };
    }
    if (error instanceof NoSignatures) {
      return { kind, name, status: UNREADABLE, problem: sentence("unreadable.no_signatures") };
    }
    if (error instanceof DOMException) {
      return { kind, name, status: UNREADABLE, problem: sentence("unreadable.file", { name }) };
    }
    throw error;
  }
}

/**
 * @param {{name: string, text: string}} receipt
 * @param {Finding[]} records
 * @param {Keys} keys
 */
function checkOneReceipt({ name, text }, records, { key, witnesses }) {
  return finding("receipt", name, async () => {
    const broken = records.find(({ kind, status }) => kind === "chain" && status === BROKEN);
    if (broken) throw new InvalidProof("proof.chain_broken", { name: broken.name });
    const holding = records.filter(({ follower }) => follower);
    const checked = await checkReceipt(text, witnesses);
    if (!holding.length) {
      if (key) requireSigner(checked.signer, [key]);
      return { isTrusted: Boolean(key), receipt: checked };
    }
    const own = holding.filter(({ seal }) => seal?.hearing === checked.content.hearing);
    if (!own.length) throw new InvalidProof("proof.other_hearing");
    for (const { seal, follower } of own) {
      if (seal && follower) checkPlace(checked, seal, follower);
    }
    return { isTrusted: Boolean(key), receipt: checked, against: own[0] };
  });
}
