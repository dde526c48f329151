"""The scripts of the verifying page give the same results as Python."""

from __future__ import annotations

import json
from hashlib import sha256
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from hemicycle.record.chain import canonical
from hemicycle.record.log import merkle
from hemicycle.record.signing import InvalidProof, parse
from hemicycle.ui.verifier import page as verifier

if TYPE_CHECKING:
    from tests.support.browser import Pages

TEXTS = (
    '{"a":1}',
    ' { "b" : [ 1 , -2 , true , false , null , { } , [ ] ] , "a" : "é\\u00e9\\n\\"" } ',
    '{"\U0001f600":1,"\ufb01":2,"__proto__":3,"1":4,"":5}',
    '{"a":1,"a":1}',
    '{"a":{"b":1,"b":2}}',
    '{"a":1.0}',
    '{"a":1e3}',
    '{"a":01}',
    '{"a":-0}',
    '{"a":NaN}',
    '{"a":"\\ud800"}',
    '{"a":"\x01"}',
    '{"a":"\\x"}',
    '{"a":1,}',
    '{"a":[1,]}',
    '{"a"}',
    "{'a':1}",
    '{"a":1}}',
    "[1]",
    "",
)


def evaluate(pages: Pages, expression: str, value: Any) -> Any:
    """Return the value of an expression that uses the page's functions and `value`."""
    modules = verifier.script_of(("sha256", "json", "proofs", "log")).rstrip().removesuffix("}")
    script = f"(value) => {{ {modules} return {expression}; }} }}"
    return pages.open().evaluate(script, value)


@pytest.mark.browser
def test_digests_are_those_of_the_standard(pages: Pages) -> None:
    random = Random(7)
    texts = [random.randbytes(size).hex() for size in (*range(200), 1000, 4096, 100_001)]
    whole = evaluate(pages, "value.map((text) => sha256(fromHex(text)))", texts)
    assert whole == [sha256(bytes.fromhex(text)).hexdigest() for text in texts]
    assert sha256(b"").hexdigest() == whole[0]
    pieces = [[random.randbytes(random.randrange(150)).hex() for _ in range(9)] for _ in range(99)]
    added = """value.map((pieces) => toHex(
        pieces.reduce((hash, text) => hash.update(fromHex(text)), new Sha256()).digest()))"""
    expected = [sha256(bytes.fromhex("".join(parts))).hexdigest() for parts in pieces]
    assert evaluate(pages, added, pieces) == expected


@pytest.mark.browser
def test_json_has_one_meaning_or_none(pages: Pages) -> None:
    read = """value.map((text) => {
        try { return canonical(parseDocument(text)); } catch (error) {
        if (error instanceof InvalidProof) return null; throw error; } })"""

    def by_python(text: str) -> str | None:
        try:
            return canonical(parse(text)).decode()
        except InvalidProof:
            return None

    expected = [by_python(text) for text in TEXTS]
    assert evaluate(pages, read, list(TEXTS)) == expected
    assert sum(text is not None for text in expected) == 4


@pytest.mark.browser
def test_proofs_of_inclusion_lead_to_the_root(pages: Pages) -> None:
    leaves = [sha256(bytes([number])).digest() for number in range(70)]
    tree = merkle.Tree(leaves)
    cases = [
        (leaves[index].hex(), index, size, [hash.hex() for hash in tree.inclusion(index, size)])
        for size in (*range(1, 18), 31, 32, 33, 64, 70)
        for index in range(size)
    ]
    led = evaluate(
        pages,
        """value.map(([leaf, index, size, path]) =>
        toHex(rootOfInclusion(fromHex(leaf), index, size, path.map(fromHex))))""",
        json.loads(json.dumps(cases)),
    )
    assert led == [tree.root(size).hex() for _leaf, _index, size, _path in cases]
    roots = evaluate(
        pages,
        "value.map((_, index) => toHex(rootOfLeaves(value.slice(0, index + 1))))",
        [leaf.hex() for leaf in leaves],
    )
    assert roots == [tree.root(size).hex() for size in range(1, 71)]
    wrong = [(leaf, index, size, [*path, "00" * 32]) for leaf, index, size, path in cases]
    wrong += [(leaf, index, size, path[:-1]) for leaf, index, size, path in cases if path]
    missed = """value.map(([leaf, index, size, path]) =>
        rootOfInclusion(fromHex(leaf), index, size, path.map(fromHex)))"""
    assert set(evaluate(pages, missed, json.loads(json.dumps(wrong)))) == {None}
