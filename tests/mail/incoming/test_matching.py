"""Who sent a message.

Similarity alone is never enough, and the choice between two similar candidates is never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from django.conf import settings as django_settings
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.before.registration.by_mail import finding
from hemicycle.hearing.setup.models import Segment
from hemicycle.mail.incoming import addresses, matching, panel_names
from hemicycle.mail.incoming.models import Purpose
from hemicycle.mail.incoming.signals import Candidate, Clues
from tests.mail.incoming.arriving import known_as
from tests.support.lists import World


def clues(world: World, address: str, name: str = "", words: str = "") -> Clues:
    return Clues(world.hearing.id, address, name, words=f"{name}\n{words}")


def found(clue: Clues) -> list[tuple[UUID, int, tuple[str, ...]]]:
    return [
        (candidate.registration, candidate.confidence, candidate.reasons)
        for candidate in finding.find(clue)
    ]


def test_by_address_organization_and_name(world: World) -> None:
    relief = known_as(
        world.ngo("Relief International", speaker="Ana Ruiz"), "ana@relief.example.org"
    )
    doors = known_as(world.ngo("Open Doors", speaker="Bo Li"), "bo@doors.example.net")
    assert found(clues(world, "ana@relief.example.org")) == [(relief.id, 82, ("address",))]
    same_domain = clues(world, "desk@relief.example.org", "Desk", "For Relief International")
    assert found(same_domain) == [(relief.id, 65, ("domain", "organization"))]
    assert found(clues(world, "x@y.example", "Li, Bo", "OPEN DOORS")) == [
        (doors.id, 55, ("name", "organization"))
    ]
    assert found(clues(world, "x@y.example", "Cy Doe", "Hello")) == []


def test_one_address_for_two_organizations(world: World) -> None:
    for name in ("Relief International", "Open Doors"):
        known_as(world.ngo(name), "ana@shared.example.org")
    alike = matching.chosen(checked(finding.find(clues(world, "ana@shared.example.org"))), 80)
    assert alike == (None, "several")
    named = finding.find(clues(world, "ana@shared.example.org", words="for Open Doors"))
    best, why = matching.chosen(checked(named), 80)
    assert (best is not None, why) == (True, "")


def checked(found: Iterable[Candidate]) -> list[Candidate]:
    """Return the candidates, likeliest first, as if a check had confirmed the sender's domain."""
    vouched = [replace(candidate, reasons=(*candidate.reasons, "checked")) for candidate in found]
    return sorted(vouched, key=lambda candidate: -candidate.confidence)


@pytest.mark.parametrize("dmarc", [{}, {"dmarc": "none"}, {"dmarc": "temperror"}])
@pytest.mark.parametrize("reasons", [("address",), ("address", "organization"), ("reply",)])
def test_a_forged_sender_waits_for_a_person(
    reasons: tuple[str, ...], dmarc: dict[str, str]
) -> None:
    forged = matching.weigh(Candidate(uuid4(), uuid4(), 95, reasons), dmarc)
    assert matching.chosen([forged], matching.SURE) == (None, "unchecked")


@pytest.mark.parametrize(
    ("reasons", "dmarc"), [(("token",), ""), (("address",), "pass"), (("reply",), "pass")]
)
def test_what_is_vouched_for_acts_by_itself(reasons: tuple[str, ...], dmarc: str) -> None:
    vouched = matching.weigh(Candidate(uuid4(), uuid4(), 82, reasons), {"dmarc": dmarc})
    assert matching.chosen([vouched], matching.SURE) == (vouched, "")


def test_who_has_not_confirmed_is_no_sender(world: World) -> None:
    unconfirmed = known_as(world.ngo("Relief", confirmed=False), "ana@relief.example.org")
    assert found(clues(world, "ana@relief.example.org", words=unconfirmed.reference)) == []


def test_a_domain_of_many_tells_nothing(world: World) -> None:
    for number in range(4):
        known_as(world.ngo(f"Organization {number}"), f"person{number}@provider.example")
    assert found(clues(world, "stranger@provider.example")) == []


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz234567.+@-_ \u0130", max_size=60))
def test_a_token_is_cut_out_and_nothing_else(text: str) -> None:
    base, token = addresses.split(text)
    folded = text.strip().lower()
    if "@" not in folded:
        assert (base, token) == (f"@{folded}", "")
        return
    local, _at, domain = base.rpartition("@")
    assert "+" not in local
    assert folded in {f"{local}+{token}@{domain}"} | (set() if token else {base})


@given(
    st.lists(
        st.builds(
            Candidate,
            st.uuids(),
            st.uuids(),
            st.integers(0, 100),
            st.just(("address",)) | st.just(("token",)) | st.just(("name", "failed")),
        ),
        max_size=6,
    ),
    st.integers(80, 101),
)
def test_nobody_is_chosen_who_is_unsure_denied_or_one_of_several(
    candidates: list[Candidate], needs: int
) -> None:
    ranked = sorted(candidates, key=lambda candidate: -candidate.confidence)
    best, why = matching.chosen(ranked, needs)
    assert (best is None) == bool(why)
    if best is not None:
        assert best.confidence >= needs
        assert "failed" not in best.reasons
        others = [candidate.confidence for candidate in ranked[1:]]
        assert best.confidence == 100 or all(
            best.confidence - one >= matching.CLOSE for one in others
        )


@given(st.integers(0, 100), st.sampled_from(["pass", "fail", "none", ""]))
def test_a_failed_check_lowers_below_acting(confidence: int, dmarc: str) -> None:
    given_ = Candidate(uuid4(), uuid4(), confidence, ("token",))
    weighed = matching.weigh(given_, {"dmarc": dmarc} if dmarc else {})
    if dmarc == "fail":
        assert weighed.confidence <= matching.DENIED
        assert matching.chosen([weighed], 0)[0] is None
    else:
        assert weighed.confidence == confidence


def test_only_ids_of_our_own_form_are_ours() -> None:
    ident = uuid4()
    host = "localhost"
    assert django_settings.BASE_URL.startswith(f"http://{host}")
    assert matching.our_ids(
        [f"{ident.hex}@{host}", f"{ident.hex}@elsewhere.example", f"{ident}@{host}", "x@y", ""]
    ) == [ident]


def test_purposes_and_copies() -> None:
    assert [
        addresses.purpose_of(word) for word in ("speakers", "eStatements", "Publication", "info")
    ] == [
        Purpose.INSCRIPTIONS,
        Purpose.STATEMENTS,
        Purpose.PUBLICATION,
        Purpose.OTHER,
    ]
    one, two = uuid4(), uuid4()
    copies = [
        addresses.OwnAddress(one, Purpose.OTHER),
        addresses.OwnAddress(one, Purpose.PUBLICATION),
        addresses.OwnAddress(one, Purpose.STATEMENTS),
        addresses.OwnAddress(one, Purpose.STATEMENTS),
        addresses.OwnAddress(two, Purpose.OTHER),
    ]
    assert [(address.hearing, address.purpose.value) for address in addresses.chosen(copies)] == [
        (one, "statements"),
        (one, "publication"),
        (two, "other"),
    ]


def test_panels_are_named_by_number_and_title() -> None:
    rows = [
        Segment(title="The plan and its enduring gaps"),
        Segment(title="The plan and emerging issues"),
    ]
    cases = {
        "for Panel 2": [1],
        "panel II, please": [1],
        "both panels": [0, 1],
        "panels 1 and 2": [0, 1],
        "the first panel": [0],
        "on “the plan and emerging issues”": [1],
        "Panel 7": [],
        "no word of it in 2": [],
    }
    assert {
        text: [rows.index(panel) for panel in panel_names.named(text, rows)] for text in cases
    } == cases
