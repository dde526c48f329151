"""Tiles: their paths and bytes, and proofs made from them alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.record.log import merkle, tiles
from hemicycle.record.log.merkle import Tree
from hemicycle.record.log.tiles import WIDTH, InvalidTile, TilePath

LEAVES = [number.to_bytes(32, "big") for number in range(70_000)]
TREE = Tree(LEAVES)


def _tile(level: int, number: int, size: int) -> list[bytes]:
    first = number * WIDTH
    width = tiles.width_at(level, number, size)
    return TREE.read([(level * tiles.HEIGHT, index) for index in range(first, first + width)])


@given(st.integers(1, len(LEAVES)), st.data())
def test_proofs_come_from_the_tiles_of_a_tree(size: int, data: st.DataObject) -> None:
    read = tiles.reader(lambda level, number: _tile(level, number, size))
    index = data.draw(st.integers(0, size - 1))
    assert merkle.root(read, size) == TREE.root(size)
    assert merkle.inclusion(read, index, size) == TREE.inclusion(index, size)
    old = data.draw(st.integers(0, size))
    assert merkle.consistency(read, old, size) == TREE.consistency(old, size)


def test_a_tile_is_asked_for_once() -> None:
    asked: list[tuple[int, int]] = []

    def tile(level: int, number: int) -> list[bytes]:
        asked.append((level, number))
        return _tile(level, number, 70_000)

    read = tiles.reader(tile)
    merkle.root(read, 70_000)
    merkle.inclusion(read, 69_999, 70_000)
    assert len(asked) == len(set(asked)) == 3


@given(st.one_of(st.none(), st.integers(0, 5)), st.integers(0, 10**12 - 1), st.integers(1, WIDTH))
def test_a_path_is_read_as_it_is_spelled(level: int | None, number: int, width: int) -> None:
    path = TilePath(level, number, width)
    assert TilePath.parse(str(path)) == path


def test_paths_are_those_of_the_specification() -> None:
    assert str(TilePath(0, 1234067)) == "0/x001/x234/067"
    assert str(TilePath(1, 0, 112)) == "1/000.p/112"
    assert str(TilePath(None, 273, 4)) == "entries/273.p/4"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "0/0",
        "0/x000/001",
        "6/000",
        "-1/000",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/999",
        "0/000.p/",
        "0/001/000",
        "0/x1/000",
        "0/../000",
        "Entries/000",
        "0/٠٠٠",
    ],
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(InvalidTile):
        TilePath.parse(path)


def test_a_truncated_tile_is_refused() -> None:
    whole = b"".join(LEAVES[:WIDTH])
    assert tiles.split(whole, WIDTH) == LEAVES[:WIDTH]
    for broken in (whole[:-1], whole[:-32], whole + b"\0", b""):
        with pytest.raises(InvalidTile, match="instead of 8192"):
            tiles.split(broken, WIDTH)


def test_a_truncated_bundle_is_refused() -> None:
    bundle = tiles.bundle(LEAVES[:3])
    assert tiles.unbundle(bundle, 3) == LEAVES[:3]
    assert bundle[:2] == b"\x00\x20"
    for broken in (bundle[:-1], bundle[:-34], bundle + b"\0", bundle[1:]):
        with pytest.raises(InvalidTile, match="does not have 3 entries"):
            tiles.unbundle(broken, 3)


def test_a_tile_that_is_too_narrow_gives_no_node() -> None:
    read = tiles.reader(lambda level, number: LEAVES[:3])
    with pytest.raises(InvalidTile, match="too narrow"):
        read([(2, 0)])
