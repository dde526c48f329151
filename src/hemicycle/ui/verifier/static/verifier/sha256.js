// Synchronous SHA-256 (FIPS 180-4). `crypto.subtle` returns a promise for each digest, which takes longer
// than the digest itself for 100,000 short entries of a record, and it accepts no stream.

const K = Int32Array.from(
  [
    "428a2f98 71374491 b5c0fbcf e9b5dba5 3956c25b 59f111f1 923f82a4 ab1c5ed5",
    "d807aa98 12835b01 243185be 550c7dc3 72be5d74 80deb1fe 9bdc06a7 c19bf174",
    "e49b69c1 efbe4786 0fc19dc6 240ca1cc 2de92c6f 4a7484aa 5cb0a9dc 76f988da",
    "983e5152 a831c66d b00327c8 bf597fc7 c6e00bf3 d5a79147 06ca6351 14292967",
    "27b70a85 2e1b2138 4d2c6dfc 53380d13 650a7354 766a0abb 81c2c92e 92722c85",
    "a2bfe8a1 a81a664b c24b8b70 c76c51a3 d192e819 d6990624 f40e3585 106aa070",
    "19a4c116 1e376c08 2748774c 34b0bcb5 391c0cb3 4ed8aa4a 5b9cca4f 682e6ff3",
    "748f82ee 78a5636f 84c87814 8cc70208 90befffa a4506ceb bef9a3f7 c67178f2",
  ]
    .join(" ")
    .split(" "),
  (word) => parseInt(word, 16),
);
const START = "6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19"
  .split(" ")
  .map((word) => parseInt(word, 16));
const BLOCK = 64;
const schedule = new Int32Array(64);

/**
 * Mix the blocks of `bytes` from `begin` up to `end`, a whole number of blocks, into `state`.
 * @param {Int32Array} state
 * @param {Uint8Array} bytes
 * @param {number} begin
 * @param {number} end
 */
function compress(state, bytes, begin, end) {
  const w = schedule;
  for (let at = begin; at < end; at += BLOCK) {
    for (let i = 0, j = at; i < 16; i += 1, j += 4) {
      w[i] =
        (bytes[j] << 24) | (bytes[j + 1] << 16) | (bytes[j + 2] << 8) | bytes[j + 3];
    }
    for (let i = 16; i < 64; i += 1) {
      const x = w[i - 15];
      const y = w[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let a = state[0];
    let b = state[1];
    let c = state[2];
    let d = state[3];
    let e = state[4];
    let f = state[5];
    let g = state[6];
    let h = state[7];
    for (let i = 0; i < 64; i += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const one = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
  }
}

/** A digest that takes its input in pieces of any length. */
export class Sha256 {
  constructor() {
    this.state = new Int32Array(8);
    this.rest = new Uint8Array(2 * BLOCK);
    this.length = 0;
    this.kept = 0;
    this.restart();
  }

  /** Begin a new digest with the same memory. */
  restart() {
    this.state.set(START);
    this.length = 0;
    this.kept = 0;
    return this;
  }

  /**
   * @param {Uint8Array} bytes
   * @param {number} [size] how many of them (default: all)
   */
  update(bytes, size = bytes.length) {
    const { rest } = this;
    this.length += size;
    let at = 0;
    // Less than a block is copied byte by byte, which is faster than creating a view of so few bytes.
    if (this.kept) {
      at = Math.min(BLOCK - this.kept, size);
      for (let i = 0; i < at; i += 1) rest[this.kept + i] = bytes[i];
      this.kept += at;
      if (this.kept < BLOCK) return this;
      compress(this.state, rest, 0, BLOCK);
      this.kept = 0;
    }
    const whole = at + Math.floor((size - at) / BLOCK) * BLOCK;
    compress(this.state, bytes, at, whole);
    for (let i = whole; i < size; i += 1) rest[i - whole] = bytes[i];
    this.kept = size - whole;
    return this;
  }

  /**
   * The digest; nothing can be added afterwards.
   * @param {Uint8Array} [out] receives its 32 bytes
   */
  digest(out = new Uint8Array(32)) {
    const { rest, state, length } = this;
    const end = this.kept + 9 > BLOCK ? 2 * BLOCK : BLOCK;
    rest.fill(0, this.kept, end);
    rest[this.kept] = 0x80;
    const view = new DataView(rest.buffer);
    view.setUint32(end - 8, Math.floor(length / 0x20000000));
    view.setUint32(end - 4, (length << 3) >>> 0);
    compress(state, rest, 0, end);
    for (let i = 0; i < 8; i += 1) {
      out[4 * i] = state[i] >>> 24;
      out[4 * i + 1] = state[i] >>> 16;
      out[4 * i + 2] = state[i] >>> 8;
      out[4 * i + 3] = state[i];
    }
    return out;
  }
}

const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/**
 * @param {Uint8Array} bytes
 * @returns {string} lower-case hexadecimal digits
 */
export function toHex(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 1) text += PAIRS[bytes[i]];
  return text;
}

const DIGITS = new Int8Array(128).fill(-1);
for (const [value, digit] of [..."0123456789abcdef"].entries()) {
  DIGITS[digit.charCodeAt(0)] = value;
  DIGITS[digit.toUpperCase().charCodeAt(0)] = value;
}

/**
 * @param {string} text
 * @param {number} index
 * @returns {number} -1 if it is not a digit
 */
function digitAt(text, index) {
  const code = text.charCodeAt(index);
  return code < 128 ? DIGITS[code] : -1;
}

/**
 * The bytes of hexadecimal digits, or null for other text.
 * @param {unknown} text
 */
export function fromHex(text) {
  if (typeof text !== "string" || text.length % 2) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i += 1) {
    const high = digitAt(text, 2 * i);
    const low = digitAt(text, 2 * i + 1);
    if (high < 0 || low < 0) return null;
    bytes[i] = 16 * high + low;
  }
  return bytes;
}

/**
 * @param {Uint8Array} bytes
 * @returns {string} the digest as 64 hexadecimal digits
 */
export function sha256(bytes) {
  return toHex(new Sha256().update(bytes).digest());
}

const MOST_AT_ONCE = 128 * 1024 * 1024;

/**
 * The digest of a file that is read in pieces. It uses the browser's own SHA-256, several times as fast for
 * long files, unless the file is too large to keep in memory or the browser has none on this page.
 */
export class FileDigest {
  /** @param {number} size of the file, in bytes */
  constructor(size) {
    /** @type {Uint8Array<ArrayBuffer>[] | null} */
    this.pieces = size <= MOST_AT_ONCE && globalThis.crypto?.subtle ? [] : null;
    this.own = new Sha256();
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  update(bytes) {
    if (this.pieces) this.pieces.push(bytes);
    else this.own.update(bytes);
  }

  /** @returns {Promise<string>} 64 hexadecimal digits */
  async hex() {
    if (!this.pieces) return toHex(this.own.digest());
    const whole = await new Blob(this.pieces).arrayBuffer();
    return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", whole)));
  }
}
