// A form's idempotency key (`form_key`) after going back. The browser may load the page again, which
// gives the form a new key, and fill in the old values. So on a page to which someone has gone back,
// a form with the same contents as before is sent with the earlier key, and nothing is done twice.

/** Fields that differ each time. */
const OWN = new Set(["csrfmiddlewaretoken", "form_key"]);

/**
 * A short digest of a form's values: FNV-1a, of 32 bits, as eight hexadecimal digits.
 * @param {Iterable<[string, FormDataEntryValue]>} entries
 */
export function digest(entries) {
  const told = [...entries].filter(([name]) => !OWN.has(name));
  const text = JSON.stringify(told.map(([name, value]) => [name, typeof value === "string" ? value : [value.name, value.size]]));
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/**
 * The key with which a form is to be sent; `store` keeps it for the next time.
 * @param {Pick<Storage, "getItem" | "setItem">} store
 * @param {{ place: string, returned: boolean }} page its address, and whether someone went back to it
 * @param {Iterable<[string, FormDataEntryValue]>} entries
 * @param {string} key the form's own
 */
export function keyOf(store, page, entries, key) {
  const name = `sent ${page.place}`;
  const now = digest(entries);
  const [before, used] = (store.getItem(name) ?? "").split(" ");
  if (page.returned && before === now && used) return used;
  store.setItem(name, `${now} ${key}`);
  return key;
}
