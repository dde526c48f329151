"""Focal points, editions and other helpers for the tests of accreditation."""

from datetime import timedelta

from hemicycle.before.accreditation import editions, focal_points
from hemicycle.before.accreditation.models import Approval, Edition, FocalPoint
from hemicycle.before.accreditation.steps import case_of
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import Person
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock
from tests.support.lists import World


def named(world: World, organization: str = "", email: str = "focal@example.org") -> FocalPoint:
    """Name a focal point of civil society or, with `organization`, of that organization alone."""
    category = world.hearing.categories.get(key="civil-society")
    return focal_points.name(
        hearing=world.hearing,
        person=Person(name="Fatou Focal", email=email),
        category=None if organization else category,
        organization=organization,
        actor=world.office,
    )


def frozen(world: World, days: int = 3) -> Edition:
    """Freeze a no-objection list with objections until `days` days from now, and return it."""
    deadline = clock.now() + timedelta(days=days)
    return editions.freeze(hearing=world.hearing, deadline=deadline, actor=world.office)


def asked(registration: Registration) -> Approval:
    """Return the latest request for approval that a focal point received about a registration."""
    return registration.approvals.select_related(
        "focal_point__person",
        *(f"registration__{name}" for name in ("hearing", "person", "organization", "category")),
    ).latest("asked_at")


def step(registration: Registration) -> str:
    """Return the next step of a registration."""
    fresh = Registration.objects.select_related("category", "hearing", "organization")
    return case_of(fresh.get(pk=registration.pk)).step


def subjects(registration: Registration) -> list[str]:
    """Return the subjects of the letters to the registered person, the oldest letter first."""
    sent = Message.objects.filter(person=registration.person).order_by("queued_at", "pk")
    return [message.subject.partition(": ")[2] for message in sent]
