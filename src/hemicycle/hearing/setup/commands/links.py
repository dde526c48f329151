"""`hemicycle links [--hearing SLUG]`: creates one-time sign-in links for each role.

In an invented hearing, a vacant role gets an invented holder. In a real one, people are appointed
by name only: `hemicycle admin role` gives the first member of the secretariat their role, and from
then on the secretariat appoints.
"""

import argparse
import json
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
    """Print the links; return 2 if the hearing is unknown."""
    options = _parser().parse_args(argv)
    slug = options.hearing
    hearings = Hearing.objects.filter(slug=slug) if slug else Hearing.objects.all()
    if slug and not hearings.exists():
        known = ", ".join(Hearing.objects.values_list("slug", flat=True)) or "none"
        print(f"There is no hearing “{slug}”. Hearings here: {known}.", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps([_as_json(hearing) for hearing in hearings], ensure_ascii=False, indent=2))
        return 0
    for hearing in hearings:
        print(f"\n{hearing}  {_page(hearing)}")
        for label, path in role_links(hearing):
            print(f"  {label:<24} {settings.BASE_URL}{path}")
        _tell_vacant(hearing)
    return 0


def _as_json(hearing: Hearing) -> dict[str, object]:
    links = [
        {"role": label, "link": f"{settings.BASE_URL}{path}"} for label, path in role_links(hearing)
    ]
    vacant = [role.value for role in _roles(hearing) if _holder(hearing, role) is None]
    return {"hearing": hearing.slug, "page": _page(hearing), "links": links, "vacant": vacant}


def _page(hearing: Hearing) -> str:
    return f"{settings.BASE_URL}{addresses.path_of('hearing:page', hearing.slug)}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hemicycle links",
        description="Make sign-in links for each role. Each works once, within seven days.",
    )
    parser.add_argument("--hearing", metavar="SLUG", help="for this hearing only; default: for all")
    parser.add_argument("--json", action="store_true", help="print the links as JSON")
    return parser


def role_links(hearing: Hearing) -> Iterator[tuple[str, str]]:
    """Yield labels and paths: a new sign-in link for a holder of each role, then other ways in."""
    for role in _roles(hearing):
        person = _holder(hearing, role)
        if person is None:
            continue
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


def _roles(hearing: Hearing) -> tuple[Role, ...]:
    return GIVEN if hearing.status != Hearing.Status.ENDED else (Role.SECRETARIAT,)


def _holder(hearing: Hearing, role: Role) -> Person | None:
    """Return the holder of the role; in an invented hearing, appoint one named after the role."""
    held = Person.objects.filter(
        appointments__hearing_id=hearing.id, appointments__role=role, is_active=True
    )
    found = held.order_by("created_at").first()
    if found or not hearing.is_rehearsed:
        return found
    person = Person.objects.create(name=str(role.label), email=f"{role.value}@hearing.example")
    actions.appoint(person=person, hearing_id=hearing.id, role=role, actor=MADE_HERE)
    return person


def _tell_vacant(hearing: Hearing) -> None:
    """Print the vacant roles, and how to fill them."""
    vacant = [role for role in _roles(hearing) if _holder(hearing, role) is None]
    if Role.SECRETARIAT in vacant:
        command = (
            f"hemicycle admin role ADDRESS --hearing {hearing.slug} --give secretariat --name NAME"
        )
        print(f"  This hearing has no staff yet. Appoint its secretariat: {command}")
    elif vacant:
        print(f"  No one has the role: {', '.join(str(role.label) for role in vacant)}.")
