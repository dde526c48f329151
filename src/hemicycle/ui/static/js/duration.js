/**
 * Whole seconds as m:ss, without hours: "2:14", "75:00". `m_ss` in `procedure/clock.py` is the same.
 * @param {number} seconds
 */
export function mSs(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
