// The page on which a reader checks receipts, chains and archives on their own device.

import { checkAll } from "./findings.js";
import { readWitness } from "./log.js";
import { readFingerprint } from "./proofs.js";
import { element, resultOf } from "./results.js";
import { language, languages, speak, t } from "./words.js";

/** @typedef {import("./findings.js").Given} Given */
/** @typedef {import("./findings.js").Finding} Finding */

const DRAW_EVERY_MS = 50;

/** @param {string} id */
function part(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

const field = /** @type {HTMLInputElement} */ (part("key"));
const witnessField = /** @type {HTMLTextAreaElement} */ (part("witnesses"));
const menu = /** @type {HTMLSelectElement} */ (part("languages"));
/** @type {Given[]} */
let given = [];
/** @type {Finding[]} */
let findings = [];
let round = 0;

/** @param {File[]} files */
function take(files) {
  const paths = files.map((blob) => ({ path: blob.webkitRelativePath || blob.name, blob }));
  add(paths);
}

/** @param {Given[]} files */
function add(files) {
  if (!files.length) return;
  const fresh = new Set(files.map(({ path }) => path.split("/")[0]));
  given = [...given.filter(({ path }) => !fresh.has(path.split("/")[0])), ...files];
  void check();
}

/**
 * The progress of a check, which draws no more often than a reader can see.
 * @param {number} own the number of the check
 */
function progressOf(own) {
  const total = given.reduce((sum, { blob }) => sum + blob.size, 0);
  const bar = /** @type {HTMLProgressElement} */ (part("progress"));
  let [done, drawn] = [0, performance.now()];
  bar.max = total;
  return {
    read: (/** @type {number} */ bytes) => {
      done += bytes;
    },
    pause: async () => {
      if (performance.now() - drawn < DRAW_EVERY_MS) return;
      bar.value = done;
      await new Promise((resolve) => setTimeout(resolve));
      drawn = performance.now();
      if (own !== round) throw new Stale();
    },
  };
}

/** Thrown to end a check when a newer one has begun. */
class Stale extends Error {}

async function check() {
  round += 1;
  const own = round;
  const typed = field.value.trim();
  const key = typed ? readFingerprint(typed) : "";
  const lines = witnessField.value.split("\n").filter((line) => line.trim());
  const witnesses = lines.map(readWitness).filter((witness) => witness !== null);
  const isClear = witnesses.length === lines.length;
  say(field, part("key-problem"), key !== null);
  say(witnessField, part("witnesses-problem"), isClear);
  findings = [];
  if (!given.length || key === null || !isClear) return show();
  part("working").hidden = false;
  try {
    const found = await checkAll(given, { key, witnesses }, progressOf(own));
    if (own === round) findings = found;
  } catch (error) {
    if (error instanceof Stale) return;
    throw error;
  }
  show();
}

/**
 * @param {HTMLElement} input
 * @param {HTMLElement} problem
 * @param {boolean} isRight
 */
function say(input, problem, isRight) {
  input.setAttribute("aria-invalid", String(!isRight));
  problem.hidden = isRight;
}

function show() {
  part("working").hidden = true;
  part("results").replaceChildren(...findings.map(resultOf));
  const names = [...new Set(given.map(({ path }) => path.split("/")[0]))];
  part("given").replaceChildren(...names.map((name) => element("li", "", element("bdi", "", name))));
  part("again").hidden = !given.length;
  document.documentElement.dataset.checked = String(round);
}

/** @param {string[]} wanted */
function speakAnew(wanted) {
  speak(wanted);
  document.title = t("page.title");
  menu.setAttribute("aria-label", t("page.language"));
  menu.value = language();
  const isFolder = location.protocol === "file:";
  const home = /** @type {HTMLAnchorElement} */ (part("home"));
  home.href = isFolder ? "index.html" : "chain/";
  home.textContent = t(isFolder ? "page.archive" : "page.chain");
  show();
}

/**
 * The dropped files, and all files in dropped folders.
 * @param {FileSystemEntry} entry
 * @returns {Promise<Given[]>}
 */
async function filesIn(entry) {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = /** @type {FileSystemFileEntry} */ (entry);
    return [{ path, blob: await new Promise((resolve, reject) => file.file(resolve, reject)) }];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const found = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    for (const inside of some) found.push(...(await filesIn(inside)));
  }
}

/** @param {DragEvent} event */
async function drop(event) {
  event.preventDefault();
  part("drop").classList.remove("drop--over");
  const items = [...(event.dataTransfer?.items ?? [])];
  const entries = items.map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const files = await Promise.all(entries.map(filesIn));
  add(files.flat());
}

/** Take the key, the language and the receipt from the address, and keep the receipt out of the history. */
function readAddress() {
  const asked = new URLSearchParams(location.hash.slice(1));
  field.value = asked.get("key") ?? "";
  part("key-from-link").hidden = !field.value;
  speakAnew([asked.get("language") ?? "", ...navigator.languages]);
  const receipt = asked.get("receipt");
  if (receipt === null) return;
  history.replaceState(null, "", location.pathname);
  try {
    const plain = atob(receipt.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
    add([{ path: "receipt.json", blob: new Blob([bytes]) }]);
  } catch {
    add([{ path: "receipt.json", blob: new Blob([]) }]); // the link was truncated on its way
  }
}

for (const { code, name } of languages()) {
  const option = new Option(name, code);
  option.lang = code;
  menu.add(option);
}
menu.addEventListener("change", () => speakAnew([menu.value]));
for (const id of ["files", "folder"]) {
  const input = /** @type {HTMLInputElement} */ (part(id));
  input.addEventListener("change", () => {
    take([...(input.files ?? [])]);
    input.value = "";
  });
}
field.addEventListener("input", () => {
  part("key-from-link").hidden = true;
  void check();
});
witnessField.addEventListener("input", () => void check());
part("again").addEventListener("click", () => {
  given = [];
  void check();
});
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  part("drop").classList.add("drop--over");
});
document.addEventListener("dragleave", () => part("drop").classList.remove("drop--over"));
document.addEventListener("drop", (event) => void drop(event));
addEventListener("hashchange", readAddress);
readAddress();
part("page").hidden = false;
