// Server-sent events from bytes that come in pieces of any size. It does not access the DOM, so that
// a test can run it without a browser.

/**
 * @typedef {object} StreamEvent
 * @property {string} type "message" if the stream names none
 * @property {string} data
 * @property {string} id of this event, or of the last one that had an id; "" before the first
 */

export class EventParser {
  #decoder = new TextDecoder();
  #text = "";
  #id = "";

  /**
   * Take the next bytes; returns the events that they complete.
   * @param {ArrayBuffer | Uint8Array} bytes which may end within an event or a character
   * @returns {StreamEvent[]}
   */
  take(bytes) {
    const blocks = (this.#text + this.#decoder.decode(bytes, { stream: true })).split("\n\n");
    this.#text = blocks.pop() ?? "";
    return blocks.flatMap((block) => this.#event(block) ?? []);
  }

  /** @param {string} block lines of `name: value` @returns {StreamEvent | null} null for one without data */
  #event(block) {
    /** @type {Record<string, string>} */
    const fields = {};
    for (const line of block.split("\n")) {
      const [name] = line.split(":", 1);
      const value = line.slice(name.length + 1).replace(/^ /, "");
      fields[name] = name === "data" && name in fields ? `${fields.data}\n${value}` : value;
    }
    this.#id = fields.id ?? this.#id;
    if (fields.data === undefined) return null;
    return { type: fields.event ?? "message", data: fields.data, id: this.#id };
  }
}
