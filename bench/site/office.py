"""The office's pages with 50, 500 and 5,000 registrations, each of which asks for the floor.

The pages answer through Django's whole stack, without a network. The first registration is made in
the usual way; the others are copies of its rows under other names, which takes only seconds.
"""

from collections.abc import Iterator
from copy import copy
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bench.fixtures import fresh
from bench.sizes import size

if TYPE_CHECKING:
    from hemicycle.before.registration.models import Inscription, Registration
    from tests.support.lists import World

FIGURES = ("pages",)
SIZES = size(50, 5), size(500, 10), size(5_000, 20)
TIMES = size(7, 1)
FAR = 1_000_000
"""The first number of arrival of the copies, far above those that the site has given."""


def run() -> dict[str, Any]:
    """Return the median time in milliseconds of each page at each size."""
    with fresh():
        from django.conf import settings
        from django.core.management import call_command

        from tests.support.lists import reference_world

        settings.ALLOWED_HOSTS.append("testserver")
        call_command("collectstatic", verbosity=0, interactive=False)
        with reference_world() as world:
            first = world.ngo("Organization 0", 0)
            found: dict[str, dict[str, float]] = {}
            size = 1
            for wanted in SIZES:
                _fill(first, size, wanted)
                size = wanted
                for page, ms in _measured(world):
                    found.setdefault(page, {})[f"ms_{wanted}"] = ms
    return {"pages": [{"page": page, **figures} for page, figures in found.items()]}


def _measured(world: "World") -> Iterator[tuple[str, float]]:
    client, office = world.client(), f"/office/{world.hearing.slug}/"
    pages = {
        "overview": "",
        "registrations": "registrations/",
        "review": "review/",
        "lists": "lists/",
        "list": f"lists/{world.panels[0].pk}/",
        "list_search": f"lists/{world.panels[0].pk}/?q=organization+1",
        "statements": "statements/",
        "day": "day/",
        "changes": "changes/",
        "search": "search/?q=organization",
        "outbox": "outbox/",
    }
    for name, path in pages.items():
        taken = []
        for _ in range(TIMES):
            begun = perf_counter()
            answer = client.get(office + path)
            taken.append((perf_counter() - begun) * 1000)
            assert answer.status_code == 200, (name, answer.status_code)
        yield name, round(median(taken), 1)


def _fill(first: "Registration", size: int, wanted: int) -> None:
    """Copy the rows of the first registration until there are `wanted` registrations."""
    from hemicycle.before.registration.models import Inscription, Registration
    from hemicycle.hearing.people.models import Organization, Person

    place = Inscription.objects.get(registration=first)
    numbers = range(size, wanted)
    bodies = [Organization(name=f"Organization {n}", name_key=f"organization {n}") for n in numbers]
    people = [Person(name=f"Speaker {n}", email=f"speaker{n}@example.org") for n in numbers]
    rows = [
        _registration(first, n, body, person)
        for n, body, person in zip(numbers, bodies, people, strict=True)
    ]
    places = [_inscription(place, row, n) for n, row in zip(numbers, rows, strict=True)]
    for model, made in (
        (Organization, bodies),
        (Person, people),
        (Registration, rows),
        (Inscription, places),
    ):
        model.objects.bulk_create(made, batch_size=500)  # type: ignore[attr-defined]


def _registration(first: "Registration", n: int, body: Any, person: Any) -> "Registration":
    row = copy(first)
    row.id, row.organization, row.person = uuid4(), body, person
    row.organization_key = row.loose_key = f"organization {n}"
    row.search_key = f"organization {n} speaker {n}"
    row.reference, row.arrival = f"BENCH-{n}", FAR + n
    row.form_key = row.link_hash = f"{n:064}"
    return row


def _inscription(place: "Inscription", row: "Registration", n: int) -> "Inscription":
    made = copy(place)
    made.id, made.registration, made.speaker = uuid4(), row, row.person
    made.seq = made.arrival = made.place = FAR + n
    return made
