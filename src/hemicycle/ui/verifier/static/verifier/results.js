// The result of a check in words: what was proved, who witnessed it, and what was not proved.

import { BROKEN, UNKNOWN_SIGNER, UNREADABLE, VERIFIED } from "./findings.js";
import { isObject } from "./json.js";
import { reason, t, utc } from "./words.js";

/** @typedef {import("./findings.js").Finding} Finding */

const TONES = { [VERIFIED]: "ok", [BROKEN]: "bad", [UNREADABLE]: "quiet", [UNKNOWN_SIGNER]: "warn" };
const MARKS = { [VERIFIED]: "✓", [BROKEN]: "✗", [UNREADABLE]: "–", [UNKNOWN_SIGNER]: "?" };
const KNOWN_ENTRIES = new Set(["registration.received", "speaker.inscribed"]);

/**
 * The result of one check.
 * @param {Finding} finding
 */
export function resultOf(finding) {
  const box = element("section", `result result--${TONES[finding.status]}`);
  box.dataset.status = String(finding.status);
  box.dataset.kind = finding.kind;
  box.append(element("p", "result__what", `${t(`what.${finding.kind}`)} `, isolated(finding.name)));
  const head = element("h2", "result__head", t(`status.${finding.status}`));
  const mark = element("span", "result__mark", MARKS[finding.status]);
  mark.setAttribute("aria-hidden", "true");
  head.prepend(mark);
  box.append(head);
  if (finding.problem) {
    const said = element("p", "result__reason", reason(finding.where, finding.problem));
    box.append(said, element("p", "", t(`advice.${finding.status}`)));
    if (finding.problem.key === "proof.other_key") box.append(element("p", "", t("advice.renewed")));
    return box;
  }
  if (finding.status === UNKNOWN_SIGNER) box.append(element("p", "", t("advice.3")));
  box.append(
    listOf("heading.proved", proved(finding)),
    listOf("heading.witnessed", witnessed(finding)),
    listOf("heading.not_proved", notProved(finding)),
    factsOf(finding),
  );
  return box;
}

/** @param {Finding} finding */
function proved({ kind, status, receipt, against, seal, carried = [], later = [] }) {
  const isSigned = status === VERIFIED;
  if (kind === "receipt" && receipt) {
    const { seq, at } = receipt.content;
    const found = [t("proved.entry", { seq, at: utc(at) })];
    if (KNOWN_ENTRIES.has(receipt.content.kind)) found.push(t(`entry.${receipt.content.kind}`));
    if (receipt.proved) {
      const { origin, size } = receipt.proved.checkpoint;
      found.push(t("proved.checkpoint", { origin, size }));
    }
    if (against) found.push(t("proved.place", { seq, name: against.name }));
    return [...found, t(isSigned ? "proved.receipt_signed" : "proved.receipt_unchanged")];
  }
  const found = [t("proved.record", { seq: seal?.seq ?? 0 })];
  if (kind === "archive") found.push(t("proved.files"));
  for (const { origin, size } of carried) found.push(t("proved.leads", { origin, size }));
  for (const { origin, size, chain } of later) found.push(t("proved.later", { origin, size, name: chain }));
  return [...found, t(isSigned ? "proved.signed" : "proved.unchanged", { at: utc(seal?.at ?? 0) })];
}

/** @param {Finding} finding */
function witnessed({ receipt, carried = [], later = [] }) {
  const { witnessed: known = [], unknown: others = [] } = receipt?.proved ?? {};
  const found = known.map(({ name, at }) => t("witnessed.by", { name, at: utc(1000 * at) }));
  const every = [...carried, ...later];
  for (const { size, witnessed: signed } of every) {
    found.push(...signed.map(({ name, at }) => t("witnessed.up_to", { name, at: utc(1000 * at), size })));
  }
  const unknown = new Set([...others, ...every.flatMap((one) => one.unknown)]);
  if (unknown.size) found.push(t("witnessed.unknown", { names: [...unknown].join(", ") }));
  return found.length ? found : [t("witnessed.none")];
}

/** @param {Finding} finding */
function notProved(finding) {
  const { kind, status, against, follower, carried, later = [] } = finding;
  const found = [];
  const missing = missingWitnesses(finding);
  if (missing.length) found.push(t("not_proved.witness", { names: missing.join(", ") }));
  if (follower && carried) {
    const every = [...carried, ...later];
    const sizes = every.filter((one) => one.witnessed.length).map(({ size }) => size);
    const [first, last] = [Math.max(0, ...sizes) + 1, follower.count];
    if (first <= last) {
      found.push(t("not_proved.unwitnessed", { first, last }));
      if (kind === "archive" && !later.length) found.push(t("not_proved.later"));
    }
    if (every.some(({ hasStamp }) => hasStamp)) found.push(t("not_proved.stamp"));
  }
  if (status === UNKNOWN_SIGNER) found.push(t("not_proved.signer"));
  if (kind === "receipt" && !against) found.push(t("not_proved.place"));
  if (kind === "chain") found.push(t("not_proved.contents"));
  return [...found, t("not_proved.other_history"), t("not_proved.truth"), t("not_proved.page")];
}

/**
 * The names of the given witnesses that have cosigned no checkpoint of this finding.
 * @param {Finding} finding
 */
function missingWitnesses({ receipt, carried = [], later = [], witnesses = [] }) {
  const beside = [...carried, ...later].flatMap((one) => one.witnessed);
  const all = [...(receipt?.proved?.witnessed ?? []), ...beside];
  const signed = new Set(all.map(({ name }) => name));
  return witnesses.map(({ name }) => name).filter((name) => !signed.has(name));
}

/** @param {Finding} finding */
function factsOf({ seal, follower, receipt, notes, ignored, kind }) {
  const facts = element("dl", "facts");
  /**
   * @param {string} name
   * @param {string | number | undefined} value
   * @param {boolean} [isCode]
   */
  function add(name, value, isCode = false) {
    if (value === undefined || value === "") return;
    const shown = isCode ? element("code", "", String(value)) : isolated(String(value));
    if (isCode) shown.dir = "ltr";
    const row = element("div", "");
    row.append(element("dt", "", t(`fact.${name}`)), element("dd", "", shown));
    facts.append(row);
  }
  if (receipt) {
    const body = isObject(receipt.body) ? receipt.body : {};
    if (typeof body.place === "number") add("place", body.place);
    add("entry", receipt.content.seq);
    add("recorded", utc(receipt.content.at));
    add("hearing", receipt.content.hearing, true);
    add("hash", receipt.hash, true);
    add("key", receipt.signer, true);
  } else if (seal) {
    add("entries", follower?.count);
    if (kind === "archive") add("notes", notes);
    add("sealed", utc(seal.at));
    add("origin", seal.origin);
    add("hearing", seal.hearing, true);
    add("hash", seal.hash, true);
    add("key", seal.signer, true);
    add("ignored", ignored?.join(", "));
  }
  return facts;
}

/**
 * @param {string} heading
 * @param {string[]} sentences
 */
function listOf(heading, sentences) {
  const part = element("div", "result__part");
  const list = element("ul", "");
  list.append(...sentences.map((text) => element("li", "", text)));
  part.append(element("h3", "", t(heading)), list);
  return part;
}

/** @param {string} text */
function isolated(text) {
  return element("bdi", "", text);
}

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} style
 * @param {(string | Node)[]} content
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, style, ...content) {
  const made = document.createElement(name);
  if (style) made.className = style;
  made.append(...content);
  return made;
}
