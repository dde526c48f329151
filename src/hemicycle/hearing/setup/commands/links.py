"""`hemicycle links [--hearing SLUG]`: one-time sign-in links for each role, freshly made."""

import argparse
import sys
from collections.abc import Iterator
from itertools import chain

from django.conf import settings

from hemicycle.hearing.people import actions
from hemicycle.hearing.people.actions import GIVEN
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup import addresses, signals
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record.writer import Actor

MADE_HERE = Actor.system("links")


def main(argv: list[str] | None = None) -> int:
    """Print the links; 2 where the hearing is not known."""
    parser = argparse.ArgumentParser(
        prog="hemicycle links",
        description="Make sign-in links for each role. Each works once, within seven days.",
    )
    parser.add_argument("--hearing", metavar="SLUG", help="of this hearing only; else of all")
    slug = parser.parse_args(argv).hearing
    hearings = Hearing.objects.filter(slug=slug) if slug else Hearing.objects.all()
    if slug and not hearings.exists():
        known = ", ".join(Hearing.objects.values_list("slug", flat=True)) or "none"
        print(f"There is no hearing “{slug}”. Known here: {known}.", file=sys.stderr)
        return 2
    for hearing in hearings:
        print(f"\n{hearing}  {settings.BASE_URL}{addresses.path_of('hearing:page', hearing.slug)}")
        for label, path in role_links(hearing):
            print(f"  {label:<24} {settings.BASE_URL}{path}")
    return 0


def role_links(hearing: Hearing) -> Iterator[tuple[str, str]]:
    """A fresh link for one holder of each role, and the ways in that need none; paths only."""
    for role in GIVEN if hearing.status != Hearing.Status.ENDED else (Role.SECRETARIAT,):
        person = _holder(hearing, role)
        path = actions.issue_link(
            person=person,
            hearing_id=hearing.id,
            role=role.value,
            next_url=addresses.start_of(role, hearing.slug),
            actor=MADE_HERE,
        )
        yield str(role.label), path
    for link in chain.from_iterable(signals.role_links.send(hearing)):
        yield link.label, link.path


def _holder(hearing: Hearing, role: Role) -> Person:
    """Who already has the role, or somebody made for it, called as the role is."""
    held = Person.objects.filter(
        appointments__hearing_id=hearing.id, appointments__role=role, is_active=True
    )
    if found := held.order_by("created_at").first():
        return found
    person = Person.objects.create(name=str(role.label), email=f"{role.value}@hearing.example")
    actions.appoint(person=person, hearing_id=hearing.id, role=role, actor=MADE_HERE)
    return person
