"""Naming and dismissing the focal points of categories and organizations."""

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from hemicycle.before.accreditation import approvals, entry_types
from hemicycle.before.accreditation.evidence import unfit
from hemicycle.before.accreditation.models import FocalPoint
from hemicycle.before.registration import names
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Category, Hearing
from hemicycle.record import clock, writer


def name(
    *,
    hearing: Hearing,
    person: Person,
    category: Category | None,
    organization: str,
    actor: writer.Actor,
) -> FocalPoint:
    """Make an unsaved person the focal point of a category or, without one, an organization.

    The focal point is asked at once about registrations that wait for approval. Raises
    `RegistrationRefused` if there is a focal point already.
    """
    key = "" if category else names.name_key(organization)
    with writer.writing(hearing.id, actor=actor) as record:
        there = FocalPoint.objects.filter(hearing=hearing, dismissed_at=None)
        if there.filter(category=category, organization_key=key).exists():
            sentence = _(
                "This category or organization already has a focal point. Remove that focal point "
                "first."
            )
            raise unfit(sentence, "category" if category else "organization")
        person.save(force_insert=True)
        point = FocalPoint.objects.create(
            hearing=hearing,
            person=person,
            category=category,
            organization="" if category else organization,
            organization_key=key,
            named_at=clock.from_ms(record.now),
        )
        where = category.id.hex if category else ""
        record.append(entry_types.FOCAL_POINT_NAMED, {**_told(point), "category": where})
        approvals.ask_all(record, hearing)
    return point


def _told(point: FocalPoint) -> dict[str, object]:
    return {"focal_point": point.id.hex, "person": point.person_id.hex}


def dismiss(*, hearing: Hearing, pk: UUID, actor: writer.Actor) -> bool:
    """Dismiss a focal point and revoke their open links; return False if there is none."""
    with writer.writing(hearing.id, actor=actor) as record:
        point = FocalPoint.objects.filter(hearing=hearing, pk=pk, dismissed_at=None).first()
        if point is None:
            return False
        point.dismissed_at = clock.from_ms(record.now)
        point.save(update_fields=["dismissed_at"])
        for approval in point.approvals.filter(state="asked").select_related("registration"):
            approvals.take_back(record, approval)
        record.append(entry_types.FOCAL_POINT_DISMISSED, _told(point))
    return True


def people_of(hearing: Hearing) -> Iterable[UUID]:
    """Return the people who are focal points; their data is kept as long as registrants' data."""
    return FocalPoint.objects.filter(hearing=hearing).values_list("person_id", flat=True)
