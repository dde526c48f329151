"""Fragments, read back box by box."""

from struct import unpack

from hemicycle.engine.hls.fragments import Sample, fragment, length_prefixed


def boxes(data: bytes) -> list[tuple[str, bytes]]:
    """Return the consecutive boxes of the data, and check that they fill it."""
    found, at = [], 0
    while at < len(data):
        size, kind = unpack(">I4s", data[at : at + 8])
        found.append((kind.decode(), data[at + 8 : at + size]))
        at += size
    assert at == len(data)
    return found


def run(data: bytes) -> tuple[int, int, list[tuple[int, ...]]]:
    """Return a fragment's first decoding time, the offset of its data, and its rows."""
    (_, moof), _ = boxes(data)
    (_, _), (_, traf) = boxes(moof)
    (_, _), (_, tfdt), (_, trun) = boxes(traf)
    count, offset = unpack(">II", trun[4:12])
    rows = [unpack(">III", trun[12 + 12 * n : 24 + 12 * n]) for n in range(count)]
    return unpack(">Q", tfdt[4:])[0], offset, rows


def test_a_fragment_says_what_lies_in_it() -> None:
    data = fragment(7, [Sample(b"abc", 9000, 3600), Sample(b"de", 12600, 3600, key=False)], 900)
    assert [kind for kind, _ in boxes(data)] == ["moof", "mdat"]
    at, offset, rows = run(data)
    assert at == 9900
    assert rows == [(3600, 3, 0x02000000), (3600, 2, 0x01010000)]
    assert data[offset:] == b"abcde"


def test_a_frame_lasts_until_the_next_that_came_later() -> None:
    data = fragment(1, [Sample(b"a", 0, 3600), Sample(b"b", 10800, 3600)], 0)
    assert [row[0] for row in run(data)[2]] == [10800, 3600]


def test_access_units_lose_start_codes_and_parameter_sets() -> None:
    sps, pps, key = b"\x67\x42\xc0", b"\x68\xce", b"\x65\x88\x00\x00\x03\x01"
    unit = b"\x00\x00\x00\x01" + sps + b"\x00\x00\x00\x01" + pps + b"\x00\x00\x01" + key
    assert length_prefixed(unit) == b"\x00\x00\x00\x06" + key
