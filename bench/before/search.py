"""Full-text search over 2,000 published statements, in six languages, on both databases.

The library's page answers through Django's whole stack, without a network: it searches, counts and
orders, and shows twenty statements with their passages. The statements are written by the
rehearsal's synthetic participants, with about 360 words each. Each is added to the library by the
function that does this when a statement is released.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter
from typing import Any, Literal
from uuid import UUID

from bench.fixtures import fresh
from bench.sizes import size

RUN = ("database", "p95_ms", "median_ms", "max_ms", "searches", "index_ms_each")
FIGURES = ("p95_ms", "statements", *(f"runs.{name}" for name in RUN))
STATEMENTS = size(2_000, 60)
TIMES = size(20, 1)
TURN = 100
"""How many statements are added to the library in one transaction."""
REFERENCE = Path(__file__).parents[2] / "hearings" / "2021-trafficking.toml"
SOUGHT = (
    *("organization", "stable fund", '"local organizations"', "l'audition", "prévisible publiés"),
    *("FONDS", "pais", "organizaciones locales", "صندوق", "المنظمات المحلية", "支持", "基金", "国"),
    *("организаций", "людям", "a", "independ*", "nothing like this at all"),
)
FILTERS = ("", "&panel=2", "&category=member-states", "&language=fr", "&status=delivered")

Kind = Literal["sqlite", "postgresql"]


def run() -> dict[str, Any]:
    """Return `p95_ms` of the slower database, and the figures of each."""
    runs = [_apart("sqlite"), _apart("postgresql")]
    return {"p95_ms": max(run["p95_ms"] for run in runs), "statements": STATEMENTS, "runs": runs}


def _apart(kind: Kind) -> dict[str, Any]:
    """Measure in a separate process, because Django is set up for one database only."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.before.search", kind], stdout=subprocess.PIPE, check=True
    )
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def measure(kind: Kind) -> dict[str, Any]:
    """Run every search without and with a filter, repeatedly; return the figures."""
    with fresh(kind):
        from django.conf import settings
        from django.core.management import call_command
        from django.db import connection
        from django.test import Client

        settings.ALLOWED_HOSTS.append("testserver")
        call_command("collectstatic", verbosity=0, interactive=False)
        begun = perf_counter()
        slug = _fill()
        filled = perf_counter() - begun
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # PostgreSQL does this itself within a minute
        client, taken, found = Client(), list[float](), 0
        for _ in range(TIMES):
            for path in _paths(slug):
                begun = perf_counter()
                answer = client.get(path)
                taken.append((perf_counter() - begun) * 1000)
                assert answer.status_code == 200
                found += answer.content.count(b'class="library__item"')
    assert found
    return {
        "database": kind,
        "p95_ms": round(quantiles(taken, n=20)[-1], 1),
        "median_ms": round(median(taken), 1),
        "max_ms": round(max(taken), 1),
        "searches": len(taken),
        "index_ms_each": round(filled * 1000 / STATEMENTS, 1),
    }


def _paths(slug: str) -> Iterator[str]:
    from urllib.parse import quote

    for number, words in enumerate(SOUGHT):
        yield f"/h/{slug}/statements/?q={quote(words)}"
        yield f"/h/{slug}/statements/?q={quote(words)}{FILTERS[number % len(FILTERS)]}"


def _fill() -> str:
    """Create a hearing with `STATEMENTS` statements in its library; return its slug."""
    from hemicycle.before.statements.library import publication
    from hemicycle.before.statements.models import Listing
    from hemicycle.hearing.setup import actions as hearings
    from hemicycle.record import writer
    from hemicycle.record.writer import Actor

    hearing = hearings.convene(REFERENCE, publish=True)
    ids = _rows(hearing)
    for first in range(0, STATEMENTS, TURN):
        with writer.writing(hearing.id, actor=Actor.system("bench")) as record:
            publication.follow(record, *ids[first : first + TURN])
    assert Listing.objects.count() == STATEMENTS, "not all statements are in the library"
    return hearing.slug


def _rows(hearing: Any) -> list[UUID]:
    """Insert delivered statements with their authors; return the ids of the statements."""
    from hemicycle.before.registration.models import Inscription, Registration
    from hemicycle.before.speakers import panel_rules
    from hemicycle.before.statements.models import Statement, StatementVersion
    from hemicycle.hearing.people.models import Organization, Person
    from hemicycle.record import clock
    from hemicycle.site.rehearsal.speech import LANGUAGES, statement

    random, now = Random(1), clock.now()
    panels, categories = list(panel_rules.panels(hearing)), list(hearing.categories.all())
    kinds = {track.key: track.kind for track in hearing.all_tracks}
    made: dict[type, list[Any]] = {
        model: []
        for model in (Organization, Person, Registration, Inscription, Statement, StatementVersion)
    }
    for number in range(1, STATEMENTS + 1):
        language = random.choices([*LANGUAGES], [*LANGUAGES.values()])[0]
        category, panel = random.choice(categories), random.choice(panels)
        organization = Organization(name=f"Organization {number}", name_key=f"o{number}")
        person = Person(name=f"Speaker {number}")
        registration = Registration(
            hearing=hearing,
            track=category.track,
            kind=kinds[category.track],
            category=category,
            organization=organization,
            organization_key=f"o{number}",
            loose_key=f"o{number}",
            person=person,
            status=Registration.Status.ACCEPTED,
            confirmed_at=now,
            vouched_by=Registration.Vouch.SECRETARIAT,
            reference=f"R{number}",
            form_key=f"f{number}",
            link_hash=f"l{number}",
            arrival=number,
            arrived_at=now,
            language=language,
            keep_until=now.date() + timedelta(days=365),
        )
        inscription = Inscription(
            hearing_id=hearing.id,
            segment=panel,
            registration=registration,
            track=category.track,
            speaker=person,
            language=language,
            seq=number,
            arrival=number,
            place=number,
        )
        row = Statement(
            hearing_id=hearing.id,
            registration=registration,
            inscription=inscription,
            consents_to_publish=True,
            release=random.choice(("delivered", "delivered", "not_reached")),
            released_at=now + timedelta(seconds=number),
        )
        text = statement(random, language, organization.name, ["the protection of victims"], 360)
        version = StatementVersion(
            statement=row,
            number=1,
            file=f"statements/{number}.txt",
            file_name="statement.txt",
            size=len(text),
            sha256="0" * 64,
            state="read",
            text=text,
            words=360,
            language=language,
            received_at=now,
            handed_in_at=now,
        )
        for instance in (organization, person, registration, inscription, row, version):
            made[type(instance)].append(instance)
    for model, rows in made.items():
        model._default_manager.bulk_create(rows, batch_size=500)  # type: ignore[attr-defined] # noqa: SLF001
    return [row.pk for row in made[Statement]]


if __name__ == "__main__":
    print(json.dumps(measure("sqlite" if sys.argv[1] == "sqlite" else "postgresql")))
