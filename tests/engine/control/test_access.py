"""Entries of the record end passes that were signed for participants before."""

from typing import Any

import pytest

from hemicycle.engine.control.access import KINDS, ParticipantAccess
from hemicycle.engine.control.passes import Pass

OLD, NEW, SIGNED_IN = {"link": "1"}, {"link": "2"}, {"link": ""}


def pass_of(registration: str = "r", person: str = "p", **more: str) -> Pass:
    return Pass("h", "publish", "speaker", "s", person=person, registration=registration, **more)


@pytest.mark.parametrize(
    ("kind", "body", "barred"),
    [
        ("registration.link_revoked", {"link": 2}, [OLD]),
        ("registration.person_replaced", {"link": 2, "before": "p"}, [OLD, NEW, SIGNED_IN]),
        ("registration.person_replaced", {"link": 2, "before": "q"}, [OLD]),
        ("registration.decided", {"outcome": "refused"}, [OLD, NEW, SIGNED_IN]),
        ("registration.decided", {"outcome": "accepted"}, []),
        ("registration.withdrawn", {"whole": True}, [OLD, NEW, SIGNED_IN]),
        ("registration.withdrawn", {"whole": False}, []),
        ("registration.lapsed", {}, [OLD, NEW, SIGNED_IN]),
        ("person.erased", {"person": "p"}, [OLD, NEW, SIGNED_IN]),
        ("person.erased", {"person": "q"}, []),
    ],
)
def test_each_entry_bars_what_it_ended(
    kind: str, body: dict[str, Any], barred: list[dict[str, str]]
) -> None:
    assert kind in KINDS
    access = ParticipantAccess().after(kind, {"registration": "r", **body})
    found = [opened for opened in (OLD, NEW, SIGNED_IN) if access.bars(pass_of(**opened))]
    assert found == barred
    assert not access.bars(pass_of("another", "somebody", link="1"))
    assert not access.bars(pass_of("", "somebody"))


def test_what_is_accepted_again_opens_again() -> None:
    access = ParticipantAccess()
    for outcome in ("refused", "accepted"):
        body = {"registration": "r", "outcome": outcome}
        access = access.after("registration.decided", body)
    assert not access.bars(pass_of(link="1"))
