// Reads the files of a zip one after the other, without unpacking the whole zip into memory.

import { sentence, Broken } from "./record.js";

/**
 * @typedef {object} Source a file of an archive
 * @property {number} size in bytes
 * @property {() => ReadableStream<Uint8Array<ArrayBuffer>>} stream
 */

/** Thrown for a file that cannot be read, so that no result is possible; `sentence` says why. */
export class Unreadable extends Error {
  /**
   * @param {string} key
   * @param {Record<string, string | number>} [values]
   */
  constructor(key, values = {}) {
    super(key);
    this.sentence = sentence(key, values);
  }
}

/** @typedef {{raw: Uint8Array, name: string, flags: number, method: number, crc: number, packed: number, size: number, at: number}} Member */

const END = 0x06054b50;
const END_64 = 0x06064b50;
const MEMBER = 0x02014b50;
const LOCAL = 0x04034b50;
const LONGEST_END = 22 + 65_535;
const LARGEST_DIRECTORY = 64 * 1024 * 1024;
const ROOTS = new Set(["seal.json", "manifest.json", "record.jsonl"]);

/**
 * @param {Blob} blob
 * @param {number} begin
 * @param {number} end
 */
async function viewOf(blob, begin, end) {
  if (begin < 0 || end > blob.size || end < begin) throw new Unreadable("unreadable.zip");
  return new DataView(await blob.slice(begin, end).arrayBuffer());
}

/** @param {Blob} blob */
async function findEnd(blob) {
  const begin = Math.max(0, blob.size - LONGEST_END);
  const view = await viewOf(blob, begin, blob.size);
  for (let at = view.byteLength - 22; at >= 0; at -= 1) {
    if (view.getUint32(at, true) === END) {
      const [size, offset] = [view.getUint32(at + 12, true), view.getUint32(at + 16, true)];
      return { at: begin + at, size, offset };
    }
  }
  return null;
}

/**
 * Whether a file is a zip.
 * @param {Blob} blob
 */
export async function isZip(blob) {
  return blob.size >= 22 && (await findEnd(blob)) !== null;
}

/** @param {Blob} blob */
async function directoryOf(blob) {
  const end = await findEnd(blob);
  if (!end) throw new Unreadable("unreadable.zip");
  let { at, size, offset } = end;
  if (size === 0xffffffff || offset === 0xffffffff) {
    const locator = await viewOf(blob, at - 20, at);
    const large = await viewOf(blob, at - 76, at - 20);
    if (locator.getUint32(0, true) !== 0x07064b50 || large.getUint32(0, true) !== END_64) {
      throw new Unreadable("unreadable.zip");
    }
    size = Number(large.getBigUint64(40, true));
    offset = Number(large.getBigUint64(48, true));
    at -= 76;
  }
  if (size > LARGEST_DIRECTORY) throw new Unreadable("unreadable.zip");
  const shift = at - size - offset; // the length of what precedes the zip, such as a program
  return { view: await viewOf(blob, at - size, at), shift };
}

/**
 * @param {DataView} view
 * @param {number} begin
 * @param {number} end
 * @param {Member} member
 */
function readLargeSizes(view, begin, end, member) {
  for (let at = begin; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let next = at + 4;
    for (const name of /** @type {("size" | "packed" | "at")[]} */ (["size", "packed", "at"])) {
      if (member[name] !== 0xffffffff) continue;
      member[name] = Number(view.getBigUint64(next, true));
      next += 8;
    }
  }
}

/**
 * @param {DataView} view
 * @returns {Member[]}
 */
function membersOf(view) {
  const utf8 = new TextDecoder();
  const members = [];
  for (let at = 0; at < view.byteLength; ) {
    if (view.getUint32(at, true) !== MEMBER) throw new Unreadable("unreadable.zip");
    const [named, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const raw = new Uint8Array(view.buffer, view.byteOffset + at + 46, named);
    const member = {
      raw,
      name: utf8.decode(raw),
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      at: view.getUint32(at + 42, true),
    };
    readLargeSizes(view, at + 46 + named, at + 46 + named + extra, member);
    members.push(member);
    at += 46 + named + extra + comment;
  }
  return members;
}

/**
 * Where a member's bytes begin; its own header must have the same name as the directory.
 * @param {Blob} blob
 * @param {Member} member
 */
async function beginOf(blob, member) {
  const head = await viewOf(blob, member.at, member.at + 30 + member.raw.length);
  const named = head.getUint16(26, true);
  const raw = new Uint8Array(head.buffer, 30);
  const isSame = named === raw.length && raw.every((byte, index) => byte === member.raw[index]);
  const isReadable = !(member.flags & 1) && (member.method === 0 || member.method === 8);
  if (head.getUint32(0, true) !== LOCAL || !isSame || !isReadable) {
    throw new Unreadable("unreadable.zip");
  }
  return member.at + 30 + named + head.getUint16(28, true);
}

const CRC = Int32Array.from({ length: 256 }, (_, byte) => {
  let word = byte;
  for (let bit = 0; bit < 8; bit += 1) word = word & 1 ? (word >>> 1) ^ 0xedb88320 : word >>> 1;
  return word;
});

/**
 * Pass a member's bytes on, and throw `Unreadable` if they are not those that were packed.
 * @param {Member} member
 * @returns {TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>}
 */
function checking(member) {
  let [crc, left] = [-1, member.size];
  return new TransformStream({
    transform(bytes, controller) {
      left -= bytes.length;
      if (left < 0) throw new Unreadable("unreadable.zip"); // longer than declared, perhaps without end
      for (let i = 0; i < bytes.length; i += 1) crc = (crc >>> 8) ^ CRC[(crc ^ bytes[i]) & 255];
      controller.enqueue(bytes);
    },
    flush() {
      if (left || ~crc >>> 0 !== member.crc) throw new Unreadable("unreadable.zip");
    },
  });
}

/**
 * The files of the archive in a zip, by their names within its folder. Throws `Unreadable`, and
 * `Broken` for a name that occurs twice, leads out of the folder, or is outside it.
 * @param {Blob} blob
 * @returns {Promise<Map<string, Source>>}
 */
export async function openZip(blob) {
  /** @type {Map<string, Source>} */
  const files = new Map();
  try {
    const { view, shift } = await directoryOf(blob);
    const members = membersOf(view).filter(({ name }) => !name.endsWith("/"));
    const top = topOf(members.map(({ name }) => name));
    for (const member of members) {
      member.at += shift;
      const begin = await beginOf(blob, member);
      const part = blob.slice(begin, begin + member.packed);
      files.set(member.name.slice(top.length), { size: member.size, stream: () => unpacked(part, member) });
    }
  } catch (error) {
    if (error instanceof RangeError) throw new Unreadable("unreadable.zip"); // the zip ends too early
    throw error;
  }
  return files;
}

/**
 * @param {Blob} part
 * @param {Member} member
 */
function unpacked(part, member) {
  const packed = part.stream();
  const plain = member.method ? packed.pipeThrough(new DecompressionStream("deflate-raw")) : packed;
  return plain.pipeThrough(checking(member));
}

/**
 * The folder of the zip that holds the archive, with its slash; all files outside it were added.
 * @param {string[]} names
 */
function topOf(names) {
  const found = names.find((name) => {
    const parts = name.split("/");
    return parts.length === 2 && ROOTS.has(parts[1]);
  });
  const top = found ? `${found.split("/")[0]}/` : "";
  const seen = new Set();
  for (const name of names) {
    const where = sentence("where.file", { name });
    if (seen.has(name)) throw new Broken(where, sentence("problem.twice"));
    if (name.includes("\\") || name.split("/").some((part) => ["", ".", ".."].includes(part))) {
      throw new Broken(where, sentence("problem.leads_out"));
    }
    if (!name.startsWith(top)) throw new Broken(where, sentence("problem.added"));
    seen.add(name);
  }
  return top;
}
