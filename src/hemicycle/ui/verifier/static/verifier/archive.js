// Checks an archive: its seal, its record, and every file against the manifest.

import { CHECKPOINTS, checkCheckpoints, checkpointsIn } from "./checkpoints.js";
import { byCodePoint, canonical, isObject, parseStrictly } from "./json.js";
import { ARCHIVE_SEAL } from "./proofs.js";
import { Broken, Follower, checkNote, sealOf, sentence } from "./record.js";
import { FileDigest, sha256 } from "./sha256.js";
import { Unreadable } from "./zip.js";

/** @typedef {import("./zip.js").Source} Source */
/** @typedef {import("./proofs.js").Seal} Seal */
/** @typedef {Map<string, Source>} Files */

/**
 * @typedef {object} Progress
 * @property {(bytes: number) => void} read called as bytes are read
 * @property {() => Promise<void>} pause lets the page draw and respond to its reader
 */

const ARCHIVE = "hemicycle-archive-1";
const [ENTRIES, NOTES, SEAL, MANIFEST] = ["record.jsonl", "notes.jsonl", "seal.json", "manifest.json"];
const LEFT_BY_DESKTOPS = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);
const LARGEST_TEXT = 64 * 1024 * 1024;

/**
 * Check an archive. Throws `Unreadable` for files that are not an archive, and `Broken` for the first
 * check that fails.
 * @param {Files} files
 * @param {import("./findings.js").Keys} keys
 * @param {Progress} progress
 */
export async function checkArchive(files, { key, witnesses }, progress) {
  if (![ENTRIES, SEAL, MANIFEST].some((name) => files.has(name))) {
    throw new Unreadable("unreadable.no_archive");
  }
  for (const name of [SEAL, MANIFEST, ENTRIES]) {
    if (!files.has(name)) throw brokenFile(name, "problem.missing");
  }
  const known = new Map();
  const sealed = await textOf(files, SEAL, progress);
  const seal = await sealOf(sealed, ARCHIVE_SEAL, sentence("where.file", { name: SEAL }));
  const follower = new Follower();
  const record = await eachLine(files, ENTRIES, progress, (row) => follower.step(row));
  known.set(ENTRIES, record.digest);
  follower.checkEnd(seal);
  const notes = files.has(NOTES) ? await eachLine(files, NOTES, progress, checkNote) : null;
  if (notes) known.set(NOTES, notes.digest);
  if ([...follower.ends.keys()].some((hearing) => hearing !== seal.hearing)) {
    throw brokenFile(ENTRIES, "problem.alien_entries");
  }
  await checkFiles(files, seal.manifest, known, progress);
  const isTrusted = follower.isTrusted(seal, key);
  const list = await textOf(files, CHECKPOINTS, progress);
  const documents = () => (files.has(CHECKPOINTS) ? checkpointsIn(list) : []);
  const place = sentence("where.file", { name: CHECKPOINTS });
  const carried = await checkCheckpoints(documents, follower, seal, witnesses, progress.pause, place);
  const ignored = [...files.keys()].filter(isLeftByDesktop).sort(byCodePoint);
  return { seal, follower, isTrusted, carried, notes: notes?.count ?? 0, ignored };
}

/**
 * @param {string} name
 * @param {string} key
 * @param {Record<string, string>} [values]
 */
function brokenFile(name, key, values = {}) {
  return new Broken(sentence("where.file", { name }), sentence(key, values));
}

/** @param {string} name */
function isLeftByDesktop(name) {
  return LEFT_BY_DESKTOPS.has(name.slice(name.lastIndexOf("/") + 1));
}

/**
 * Hand each piece of a file to `take`.
 * @param {Files} files
 * @param {string} name
 * @param {Progress} progress
 * @param {(bytes: Uint8Array<ArrayBuffer>) => unknown} take
 */
async function eachPiece(files, name, progress, take) {
  const source = files.get(name);
  if (!source) return;
  try {
    const reader = source.stream().getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      await take(next.value);
      progress.read(next.value.length);
      await progress.pause();
    }
  } catch (error) {
    // A stream that cannot be unpacked throws TypeError; a file that has been removed, a DOMException.
    if (error instanceof TypeError || error instanceof DOMException) {
      throw new Unreadable("unreadable.file", { name });
    }
    throw error;
  }
}

/**
 * @param {Files} files
 * @param {string} name
 * @param {Progress} progress
 */
async function textOf(files, name, progress) {
  return decoded(await bytesOf(files, name, progress));
}

/**
 * @param {Files} files
 * @param {string} name
 * @param {Progress} progress
 */
async function bytesOf(files, name, progress) {
  if (Number(files.get(name)?.size) > LARGEST_TEXT) throw new Unreadable("unreadable.large", { name });
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const pieces = [];
  await eachPiece(files, name, progress, (bytes) => pieces.push(bytes));
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

/** @param {Uint8Array} bytes */
function decoded(bytes) {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/**
 * Hand each line of a file, read as JSON, to `take`; returns the number of lines and the file's digest.
 * @param {Files} files
 * @param {string} name
 * @param {Progress} progress
 * @param {(row: unknown) => Promise<void> | undefined | void} take
 */
async function eachLine(files, name, progress, take) {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const hash = new FileDigest(Number(files.get(name)?.size));
  let [rest, count] = ["", 0];

  /** @param {string} line */
  const read = (line) => {
    count += 1;
    let row;
    try {
      row = JSON.parse(line);
    } catch {
      row = null;
    }
    if (!isObject(row)) {
      const where = sentence("where.line", { name, number: count });
      throw new Broken(where, sentence("problem.unreadable"));
    }
    return take(row);
  };

  await eachPiece(files, name, progress, async (bytes) => {
    hash.update(bytes);
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LARGEST_TEXT) throw new Unreadable("unreadable.large", { name });
    for (const line of lines) {
      const waits = read(line);
      if (waits) await waits;
    }
  });
  rest += decoder.decode();
  if (rest) await read(rest);
  return { count, digest: await hash.hex() };
}

/**
 * Throw `Broken` for the first file that differs from the manifest or is not listed in it.
 * @param {Files} files
 * @param {string} expected the manifest's SHA-256, from the seal
 * @param {Map<string, string>} known digests of files that have been read
 * @param {Progress} progress
 */
async function checkFiles(files, expected, known, progress) {
  const manifest = await bytesOf(files, MANIFEST, progress);
  if (sha256(manifest) !== expected) throw brokenFile(MANIFEST, "problem.changed");
  const listed = listedIn(decoded(manifest));
  const names = new Set(listed.map(([name]) => name));
  const added = [...files.keys()]
    .filter((name) => !isLeftByDesktop(name) && !names.has(name) && name !== MANIFEST && name !== SEAL)
    .sort(byCodePoint);
  for (const [name, digest] of listed) {
    if (!files.has(name)) {
      const moved = await renamed(files, added, digest, progress);
      throw moved
        ? brokenFile(name, "problem.renamed", { to: moved })
        : brokenFile(name, "problem.missing");
    }
    const found = known.get(name) ?? (await digestOf(files, name, progress));
    if (found !== digest) throw brokenFile(name, "problem.changed");
  }
  if (added.length) throw brokenFile(added[0], "problem.added");
}

/**
 * @param {Files} files
 * @param {string[]} added
 * @param {string} digest
 * @param {Progress} progress
 */
async function renamed(files, added, digest, progress) {
  for (const name of added) {
    if ((await digestOf(files, name, progress)) === digest) return name;
  }
  return "";
}

/**
 * @param {Files} files
 * @param {string} name
 * @param {Progress} progress
 */
async function digestOf(files, name, progress) {
  const hash = new FileDigest(Number(files.get(name)?.size));
  await eachPiece(files, name, progress, (bytes) => hash.update(bytes));
  return hash.hex();
}

/**
 * The digests of all files in the order of their names. Throws `Broken` unless the manifest is canonical
 * JSON.
 * @param {string} text
 * @returns {[string, string][]}
 */
function listedIn(text) {
  try {
    const document = parseStrictly(text);
    const isKnown = isObject(document) && document.format === ARCHIVE && canonical(document) === text;
    if (isKnown && isObject(document.files)) {
      const listed = Object.entries(document.files).sort(([one], [two]) => byCodePoint(one, two));
      if (listed.every(([, digest]) => typeof digest === "string")) {
        return /** @type {[string, string][]} */ (listed);
      }
    }
  } catch {
    // reported below
  }
  throw brokenFile(MANIFEST, "problem.no_manifest");
}
