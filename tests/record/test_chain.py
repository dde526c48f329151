"""Canonical JSON and hashes: each content has one spelling, and any change is found."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.record.chain import Content, NotCanonical, canonical, genesis, link

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
CONTENT = Content(
    hearing="0" * 32,
    seq=1,
    kind="record.begun",
    version=1,
    at=1_626_184_800_000,
    actor="system:test",
    role="system",
    meeting="",
    body="{}",
)


@given(st.dictionaries(st.text(), JSON))
def test_the_order_of_keys_does_not_matter(value: dict[str, object]) -> None:
    assert canonical(value) == canonical(dict(reversed(value.items())))


@pytest.mark.parametrize(
    "value", [1.0, {"a": [0.5]}, {"a": float("nan")}, {"a": object()}, "\ud800", {1, 2}]
)
def test_what_has_no_single_spelling_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 2},
        {"kind": "record.ended"},
        {"version": 2},
        {"at": 1_626_184_800_001},
        {"actor": "system:other"},
        {"role": "secretariat"},
        {"meeting": "1" * 32},
        {"body": '{"a":1}'},
        {"hearing": "1" * 32},
    ],
)
def test_every_field_counts_in_the_digest(change: dict[str, object]) -> None:
    assert replace(CONTENT, **change).digest() != CONTENT.digest()  # type: ignore[arg-type]


def test_a_digest_written_down_stays_what_it_was() -> None:
    assert CONTENT.digest() == "b69d72d70bea238cdfea231b709ce5429ffb7bce6f46a91c6b541709e59d589f"
    assert (
        link(genesis(CONTENT.hearing), CONTENT.digest())
        == "5844d6110c8a18cd7721958e9a5e6c2bba8ded1b8a1301b7eb9bdf21df85235b"
    )
