"""Focal points: name one for a category or an organization, dismiss, erase in time."""

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
    """Name a person, not yet saved, focal point of a category or else of an organization.

    Registrations that wait for one are asked about at once. Raises `RegistrationRefused` if there
    is one.
    """
    key = "" if category else names.name_key(organization)
    with writer.writing(hearing.id, actor=actor) as record:
        there = FocalPoint.objects.filter(hearing=hearing, dismissed_at=None)
        if there.filter(category=category, organization_key=key).exists():
            sentence = _("There is already a focal point for this. Remove that focal point first.")
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
    """The hearing's focal points, whose data is kept as long as that of those they approve."""
    return FocalPoint.objects.filter(hearing=hearing).values_list("person_id", flat=True)
