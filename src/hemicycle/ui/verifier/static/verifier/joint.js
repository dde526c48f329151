// Checks the joining of two requests for the floor, by the same rule as `hemicycle.record.verify.joint`.

const INSCRIBED = new Set(["speaker.inscribed", "speaker.reinstated"]);
const WITHDRAWN = "speaker.withdrawn";
const EARLIER = "speaker.arrived_earlier";
const PROPOSED = "joint.proposed";
const ANSWERED = "joint.answered";
const JOINED = "joint.joined";
/** The kinds of entries that `Joinings` reads. */
export const OF_LISTS = new Set([...INSCRIBED, WITHDRAWN, EARLIER, PROPOSED, ANSWERED, JOINED]);
const SECRETARIAT = "secretariat";

/** @typedef {Record<string, unknown>} Fields */

/**
 * The text of a field; "" for any other value.
 * @param {Fields} fields
 * @param {string} name
 */
function textIn(fields, name) {
  const value = fields[name];
  return typeof value === "string" ? value : "";
}

/** The lists of speakers of one record before their panels open: ids in the order of arrival. */
class ListFold {
  constructor() {
    /** @type {Map<string, number>} */
    this.arrivals = new Map();
    /** @type {Map<string, string>} */
    this.segments = new Map();
    /** @type {Map<string, Set<string>>} */
    this.lists = new Map();
  }

  /**
   * @param {string} kind
   * @param {Fields} fields
   * @param {number} seq
   */
  follow(kind, fields, seq) {
    const place = textIn(fields, "inscription");
    if (INSCRIBED.has(kind)) {
      const segment = textIn(fields, "segment");
      if (!this.arrivals.has(place)) this.arrivals.set(place, seq);
      this.segments.set(place, segment);
      const list = this.lists.get(segment) ?? new Set();
      this.lists.set(segment, list.add(place));
    } else if (kind === WITHDRAWN) {
      this.lists.get(this.segments.get(place) ?? "")?.delete(place);
    } else if (kind === EARLIER && this.arrivals.has(place) && Number.isSafeInteger(fields.arrival)) {
      this.arrivals.set(place, Number(fields.arrival));
    }
  }

  /** @param {Iterable<string>} places */
  inOrder(places) {
    const arrival = (/** @type {string} */ place) => this.arrivals.get(place) ?? 0;
    return [...places].sort((a, b) => arrival(a) - arrival(b) || (a < b ? -1 : Number(a > b)));
  }

  /** @param {string} segment */
  of(segment) {
    return this.inOrder(this.lists.get(segment) ?? []);
  }
}

/** Follows the entries of records in their order. */
export class Joinings {
  constructor() {
    /** @type {Map<string, ListFold>} */
    this.folds = new Map();
    /** @type {Map<string, {places: Set<string>, agreed: Set<string>}>} */
    this.proposals = new Map();
  }

  /**
   * What is wrong with an entry that joins two requests; "" if nothing is.
   * @param {{hearing: string, seq: number, kind: string, role: string}} content
   * @param {Fields} fields
   */
  problem({ hearing, seq, kind, role }, fields) {
    const fold = this.folds.get(hearing) ?? new ListFold();
    this.folds.set(hearing, fold);
    fold.follow(kind, fields, seq);
    const key = `${hearing} ${textIn(fields, "proposal")}`;
    if (kind === PROPOSED && role === SECRETARIAT) {
      const places = new Set([textIn(fields, "first"), textIn(fields, "second")]);
      this.proposals.set(key, { places, agreed: new Set() });
    } else if (kind === ANSWERED) {
      this.answer(key, role, fields);
    } else if (kind === JOINED) {
      return this.problemOfJoined(key, fields, fold);
    }
    return "";
  }

  /**
   * @param {string} key
   * @param {string} role
   * @param {Fields} fields
   */
  answer(key, role, fields) {
    const proposal = this.proposals.get(key);
    if (!proposal || role === SECRETARIAT) return;
    if (fields.answer === "agreed") proposal.agreed.add(textIn(fields, "inscription"));
    else this.proposals.delete(key);
  }

  /**
   * @param {string} key
   * @param {Fields} fields
   * @param {ListFold} fold
   */
  problemOfJoined(key, fields, fold) {
    const proposal = this.proposals.get(key);
    this.proposals.delete(key);
    const [kept, left, segment] = ["kept", "left", "segment"].map((name) => textIn(fields, name));
    const pair = new Set([kept, left]);
    if (!proposal || pair.size !== 2 || !same(pair, proposal.places) || !same(pair, proposal.agreed)) {
      return "problem.joint_without_consent";
    }
    const after = fold.of(segment);
    const before = fold.inOrder(new Set([...after, left]));
    const follows =
      after.includes(kept) &&
      !after.includes(left) &&
      fold.segments.get(left) === segment &&
      before.indexOf(kept) < before.indexOf(left) &&
      isList(fields.before, before) &&
      isList(fields.after, after);
    return follows ? "" : "problem.joint_list";
  }
}

/**
 * @param {Set<string>} one
 * @param {Set<string>} other
 */
function same(one, other) {
  return one.size === other.size && [...one].every((item) => other.has(item));
}

/**
 * @param {unknown} value
 * @param {string[]} wanted
 */
function isList(value, wanted) {
  return Array.isArray(value) && value.length === wanted.length && value.every((item, n) => item === wanted[n]);
}
