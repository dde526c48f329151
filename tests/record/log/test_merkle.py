"""The tree against the published vectors of RFC 6962, and proofs over trees of every small size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.record.log import merkle
from hemicycle.record.log.merkle import Frontier, InvalidPath, Tree

LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The roots of the trees of the first 1 to 8 leaves, from Certificate Transparency's vectors."""


def test_roots_are_those_of_the_published_vectors() -> None:
    frontier = Frontier.empty()
    found = []
    for leaf in LEAVES:
        frontier.add(merkle.leaf_hash(leaf))
        found.append(frontier.root().hex())
    assert found == ROOTS
    assert Tree().root() == merkle.EMPTY


def test_inclusion_is_that_of_the_published_vectors() -> None:
    tree = Tree(LEAVES)
    assert [node.hex() for node in tree.inclusion(0, 8)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    assert tree.inclusion(0, 1) == []


def test_consistency_is_that_of_the_published_vectors() -> None:
    tree = Tree(LEAVES)
    assert [node.hex() for node in tree.consistency(6, 8)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert tree.consistency(1, 1) == tree.consistency(8, 8) == tree.consistency(0, 5) == []


SIZE = st.integers(1, 70)


@given(st.data(), SIZE)
def test_a_proof_of_inclusion_holds_for_its_leaf_alone(data: st.DataObject, size: int) -> None:
    leaves = [bytes([number]) * 32 for number in range(size)]
    tree = Tree(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion(index)
    merkle.check_inclusion(leaves[index], index, size, proof, tree.root())
    other = data.draw(st.integers(0, size - 1))
    spoiled = data.draw(st.sampled_from(("leaf", "index", "longer", "shorter", "bit", "short")))
    if spoiled == "leaf":
        changed = (b"\xff" * 32, index, proof)
    elif spoiled == "index" and other != index:
        changed = (leaves[index], other, proof)
    elif spoiled == "shorter" and proof:
        changed = (leaves[index], index, proof[:-1])
    elif spoiled == "bit" and proof:
        changed = (leaves[index], index, [bytes([proof[0][0] ^ 1]) + proof[0][1:], *proof[1:]])
    elif spoiled == "short" and proof:
        changed = (leaves[index], index, [*proof[:-1], proof[-1][:-1]])
    else:
        changed = (leaves[index], index, [*proof, b"\x00" * 32])
    with pytest.raises(InvalidPath):
        merkle.check_inclusion(changed[0], changed[1], size, changed[2], tree.root())


@given(st.data(), SIZE)
def test_a_proof_of_consistency_holds_for_one_history_alone(data: st.DataObject, new: int) -> None:
    tree = Tree(bytes([number]) * 32 for number in range(new))
    old = data.draw(st.integers(1, new))
    proof = tree.consistency(old)
    merkle.check_consistency(old, tree.root(old), new, tree.root(), proof)
    changed_leaf = data.draw(st.integers(0, old - 1))
    forged = Tree(bytes([200 if n == changed_leaf else n]) * 32 for n in range(new))
    with pytest.raises(InvalidPath):
        merkle.check_consistency(old, tree.root(old), new, forged.root(), forged.consistency(old))
    with pytest.raises(InvalidPath):
        merkle.check_consistency(old, tree.root(old), new, tree.root(), [*proof, b"\x00" * 32])
    if proof:
        with pytest.raises(InvalidPath):
            merkle.check_consistency(old, tree.root(old), new, tree.root(), proof[:-1])


def test_a_tree_never_shrinks() -> None:
    tree = Tree(LEAVES)
    with pytest.raises(InvalidPath, match="cannot be the beginning"):
        merkle.check_consistency(8, tree.root(8), 6, tree.root(6), [])
    with pytest.raises(ValueError, match="cannot be the beginning"):
        tree.consistency(9, 8)
    with pytest.raises(ValueError, match="not in a tree"):
        tree.inclusion(8, 8)
