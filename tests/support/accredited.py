"""Data in every step of accreditation, for tests that request every address."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hemicycle.before.accreditation import (
    approvals,
    circulation,
    editions,
    evidence,
    focal_points,
    objections,
)
from hemicycle.before.accreditation.models import Approval, Evidence
from hemicycle.before.registration import links
from hemicycle.hearing.people.models import Person
from hemicycle.record import clock

if TYPE_CHECKING:
    from hemicycle.before.registration.models import Registration
    from tests.support.lists import World


def accredited(world: World, rows: dict[str, Registration]) -> dict[str, dict[str, Any]]:
    """Create data for every step of accreditation; return the arguments of addresses by name."""
    category = world.hearing.categories.get(key="civil-society")
    category.evidence, category.focal_point, category.no_objection = "Status", True, True
    category.save()
    rows["Open Doors"].status = rows["Safe Harbour"].status = "submitted"
    for undecided in ("Open Doors", "Safe Harbour"):
        rows[undecided].save(update_fields=("status",))
    person = Person(name="Fatou Focal", email="focal@hearing.example")
    point = focal_points.name(
        hearing=world.hearing, person=person, category=category, organization="", actor=world.office
    )
    asked = {row.registration_id: row for row in point.approvals.select_related(*_RELATED)}
    own = rows["Open Doors"]
    piece = _give(world, own)
    other = rows["Safe Harbour"]
    _give(world, other)
    approvals.answer(approval=asked[other.id], state=Approval.State.APPROVED, reason="")
    edition = editions.freeze(
        hearing=world.hearing, deadline=clock.now() + timedelta(days=2), actor=world.office
    )
    circulation.circulate(edition=edition, actor=world.office)
    objection = objections.enter(
        edition=edition,
        line=edition.lines.get().pk,
        mission="Estmere",
        received_at=clock.now(),
        reason="Not known to us.",
        entered_by=world.secretary,
        actor=world.office,
    )
    own.status = "accepted"  # every test expects its published data
    own.save(update_fields=("status",))
    approval = asked[own.id]
    numbered = {"number": edition.number}
    question = {"secret": links.derive(approval.id, 1)}
    listed = {"secret": links.derive(edition.copies.latest("address").id, 1)}
    return {
        "accreditation:ask": {"pk": own.pk},
        "accreditation:revoke": {"pk": approval.pk},
        "accreditation:dismiss": {"pk": point.pk},
        **{
            f"accreditation:{name}": {"pk": piece.pk}
            for name in ("evidence-file", "own-evidence", "evidence-remove")
        },
        **{f"accreditation:{name}": numbered for name in ("edition", "circulate", "close")},
        **{
            f"accreditation:list-{name}": numbered
            for name in ("leave-out", "discard", "correct", "withdraw", "hold")
        },
        "accreditation:edition-file": {**numbered, "kind": "csv"},
        "accreditation:settle": {"pk": objection.pk},
        "accreditation:approve": question,
        "accreditation:approve-evidence": {**question, "pk": piece.pk},
        "accreditation:circulated": listed,
        "accreditation:circulated-file": {**listed, "kind": "csv"},
    }


_RELATED = (
    "focal_point__person",
    *(f"registration__{name}" for name in ("hearing", "person", "organization", "category")),
)


def _give(world: World, registration: Registration) -> Evidence:
    return evidence.add(
        registration=registration,
        form=Evidence.Form.FILE,
        file_name="status.txt",
        data=b"In consultative status since 1999.",
        actor=world.office,
    )
