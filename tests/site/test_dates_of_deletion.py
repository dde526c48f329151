"""Each kind of personal data in the table is kept until its day, and is gone on the next.

This also holds for a hearing that is postponed, shortened, cancelled or moved earlier, or whose
data are kept for another period.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.db.models import Q

from hemicycle.before.registration import housekeeping
from hemicycle.hearing.setup import actions, document_mapping, retention
from hemicycle.hearing.setup import document as documents
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.personal_data import TABLE
from hemicycle.hearing.setup.schema import Document
from hemicycle.outcome.archive import building
from hemicycle.record import clock
from hemicycle.record.writer import writing
from tests.support import stored_files
from tests.support.jobs import work_off
from tests.support.lists import reference_world

if TYPE_CHECKING:
    from tests.support.everything import Everything
    from tests.support.lists import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]


OWN_PERIOD = {
    *("drafts", "jobs", "exports", "sessions", "unclaimed-mail", "record"),
    *("erased-list", "security-log", "log", "backups", "room-messages"),
}
"""The kinds that the hearing's dates do not concern: the table gives each a period of its own."""


# ── What is kept ──────────────────────────────────────────────────────────────────────────────
def rows(model: str, **named: Any) -> bool:
    """Return whether a model has rows that say something about somebody."""
    found = apps.get_model(model).objects.filter(**named)
    fields = {field.name for field in found.model._meta.get_fields()}
    said = fields & {"name", "email", "address", "text", "body", "file"}
    somewhere = [~Q(**{f"{name}__in": ["", "—"]}) for name in sorted(said)]
    return bool(found.filter(reduce(or_, somewhere, Q())).exists())


def in_files(mark: str) -> bool:
    from tests.support.everything import in_files as search

    return bool(search([mark]))


LOOKED_FOR = (
    *("registrations", "readers", "imports", "mission-addresses", "evidence", "focal-points"),
    "consents",
    *("statements", "videos", "questions", "training", "staff", "panellists", "presentations"),
    *("checks", "lists"),
    *("letters", "mail", "wall", "summary", "archives", "recordings"),
)


def kept(everything: Everything) -> dict[str, bool]:
    """Return whether there is something of each kind, by the keys of the table."""
    from tests.support.everything import FILMED, MAILED, NAME, SPOKEN, WORDS, in_tables

    world = everything.world
    people = {"pk__in": [row.person_id for row in everything.finished.registrations.values()]}
    words = {table for table, _mark in in_tables([WORDS])}
    found = {
        "registrations": rows("people.Person", **people) or rows("on_air.OnAirChoice"),
        "readers": rows("readers.ProxyReader"),
        "imports": rows("registration.ImportRow"),
        "mission-addresses": rows("registration.MissionAddress"),
        "evidence": rows("accreditation.Evidence"),
        "focal-points": rows("accreditation.FocalPoint", dismissed_at=None)
        or rows("accreditation.EditionCopy"),
        "consents": rows("consent.Consent"),
        "statements": bool({table for table in words if table.startswith("statements_")})
        or in_files(WORDS),
        "videos": in_files(FILMED),
        "questions": rows("questions.Question"),
        "training": rows("training.SignUp"),
        "staff": rows("interpretation.Interpreter")
        or rows("api.Token")
        or rows("people.Person", pk=world.moderator.pk),
        "panellists": rows("hearing.PanelMember"),
        "presentations": rows("meeting_documents.MeetingDocument"),
        "checks": rows("room.Check"),
        "lists": rows("outgoing.Recipient"),
        "letters": rows("outgoing.Message")
        or rows("outgoing.CalendarEntry")
        or rows("summary.SummaryRecipient"),
        "mail": rows("incoming.Mail") or in_files(MAILED),
        "wall": rows("wall.Post") or rows("wall.Author", erased_at=None),
        "summary": bool({table for table in words if table.startswith("summary_")}),
        "archives": in_files(NAME),
        "recordings": in_files(SPOKEN),
    }
    assert tuple(found) == LOOKED_FOR
    return found


def fill(everything: Everything) -> None:
    """Add what `everything` leaves out, so that something of each kind exists."""
    from hemicycle.before.consent import actions as consents
    from hemicycle.before.consent.models import Use
    from hemicycle.hearing.people import actions as people
    from hemicycle.hearing.people.models import Person, Role
    from hemicycle.meeting.interpretation import actions as booths
    from hemicycle.meeting.wall import actions as walls
    from tests.support.documents import slides

    world, row = everything.world, everything.registration
    hearing, other = world.hearing, everything.finished.registrations["Safe Harbour"]
    now = clock.now()
    consents.change(registration=other, use=Use.STATEMENT, is_given=True, actor=world.office)

    def add(model: str, **values: Any) -> Any:
        return apps.get_model(model).objects.create(**values)

    reader = Person.objects.create(name="Rita Reader", email="rita@hearing.example")
    named = add(
        "readers.ProxyReader",
        hearing=hearing,
        slot=other.inscriptions.get().pk,
        person=reader,
        voice="as-set",
        link_hash="r" * 64,
        named_at=now,
    )
    with writing(hearing.pk, actor=world.office) as record:
        told = {"reader": named.pk.hex, "slot": named.slot.hex, "person": reader.pk.hex}
        record.append("reader.named", told)
    table = add(
        "registration.RegistrationImport", hearing=hearing, file_name="people.csv", read_at=now
    )
    add("registration.ImportRow", table=table, number=2, cells=["X", "Ann Applicant"])
    add("on_air.OnAirChoice", hearing=hearing, owner=other.pk, camera="card", voice="masked")
    focal = Person.objects.create(name="Fatou Focal", email="focal@hearing.example")
    add(
        "accreditation.FocalPoint",
        hearing=hearing,
        person=focal,
        organization="X",
        organization_key="x",
        named_at=now,
    )
    edition = add(
        "accreditation.Edition",
        hearing=hearing,
        number=1,
        frozen_at=now,
        deadline=now,
        digest="0" * 64,
        link_hash="e" * 64,
    )
    add(
        "accreditation.EditionCopy",
        edition=edition,
        mission=row.organization,
        address="mission@elsewhere.example",
        link_hash="c" * 64,
    )
    session = add(
        "training.Session",
        hearing=hearing,
        starts_at=now,
        minutes=30,
        language="en",
        capacity=9,
    )
    add(
        "training.SignUp",
        session=session,
        registration=other,
        state="signed-up",
        seq=1,
        signed_up_at=now,
    )
    interpreter = Person.objects.create(name="Ines Interpreter", email="ines@hearing.example")
    people.appoint(
        person=interpreter, hearing_id=hearing.pk, role=Role.INTERPRETER, actor=world.office
    )
    booths.assign(hearing=hearing, language="fr", person=interpreter, actor=world.office)
    add(
        "room.Check",
        hearing_id=hearing.pk,
        person_id=other.person_id,
        passed_at=now,
        level_db=-20,
        echo_db=-99,
        rtt_ms=80,
        loss=0,
        camera=True,
    )
    slides(world)
    walls.set_up(
        hearing=hearing, is_public=True, takes_posts=True, is_moderated=False, actor=world.office
    )
    author = add("wall.Author", hearing_id=hearing.pk, origin="page", key="k", name="Vera Visitor")
    add(
        "wall.Post",
        hearing_id=hearing.pk,
        author=author,
        origin="page",
        origin_id="1",
        text="Well said.",
        posted_at=now,
        arrived_at=now,
    )
    add(
        "outgoing.CalendarEntry",
        hearing_id=hearing.pk,
        meeting_id=world.panels[0].meeting_id,
        person=other.person,
        uid="u",
        told="0",
        starts_at=now,
        ends_at=now,
    )

    building.want(hearing, public=False)
    work_off()


# ── What happens to the hearing ───────────────────────────────────────────────────────────────
HELD = date(2021, 7, 13)
KEPT = timedelta(days=365)


def change(world: World, days: int = 0, **changed: Any) -> Document:
    """Move the whole programme by so many days, and change the other fields that are named."""
    data = document_mapping.to_document(actions.whole(world.hearing.id))
    first = data["meetings"][0]["date"] + timedelta(days=days)
    moved = {**documents.shifted(data, first), **changed}
    actions.change(hearing=world.hearing, data=moved, actor=world.office)
    return moved


def end(world: World) -> None:
    actions.end(hearing=world.hearing, actor=world.office)


def postponed(world: World) -> date:
    change(world, days=400)
    return HELD + timedelta(days=400) + KEPT


def moved_earlier(world: World) -> date:
    change(world, days=-6)
    return HELD - timedelta(days=6) + KEPT


def shortened(world: World) -> date:
    """Plan two days, 100 and 103 days later, and end the hearing on the first of them."""
    data = change(world, days=100)
    second = data["meetings"][1]
    for part in (second, *second["segments"]):
        for name in ("starts", "ends"):
            part[name] += timedelta(days=3)
    second["date"] += timedelta(days=3)
    actions.change(hearing=world.hearing, data=data, actor=world.office)
    assert retention.keep_until_of(world.hearing) == HELD + timedelta(days=103) + KEPT
    world.clock.move_to(clock.to_ms(world.hearing.meetings.get(ordinal=1).ends_at))
    end(world)
    return HELD + timedelta(days=100) + KEPT


def cancelled(world: World) -> date:
    change(world, days=100)
    go_to(world, HELD + timedelta(days=10))
    end(world)
    return clock.now().astimezone(world.hearing.zone).date() + KEPT


def without_dates(world: World) -> date:
    """Cancel the hearing three years after it was postponed."""
    Hearing.objects.filter(pk=world.hearing.pk).update(postponed_at=clock.now())
    go_to(world, HELD + 3 * KEPT)
    clean_up()
    world.hearing.refresh_from_db()
    end(world)
    return clock.now().astimezone(world.hearing.zone).date() + KEPT


def kept_shorter(world: World) -> date:
    """Set a shorter period after the hearing was closed."""
    go_to(world, HELD + timedelta(days=2))
    end(world)
    change(world, retention_days=30)
    return HELD + timedelta(days=30)


def kept_longer(world: World) -> date:
    """Set a longer period when the first one is nearly over."""
    go_to(world, HELD + timedelta(days=2))
    end(world)
    go_to(world, HELD + KEPT)
    change(world, retention_days=500)
    return HELD + timedelta(days=500)


EACH_KIND = (postponed, cancelled)
THE_DAY = (moved_earlier, shortened, without_dates, kept_shorter, kept_longer)
"""All kinds wait for `retention.past_retention`, so these tests look at that and at people."""


# ── What is left ──────────────────────────────────────────────────────────────────────────────
def go_to(world: World, day: date) -> None:
    """Go to noon of a day in the last time zone of the world."""
    world.clock.move_to(clock.to_ms(datetime.combine(day, time(12), retention.LAST_ZONE)))


def clean_up() -> None:
    """Do what the worker does every day, with the engine's cuts and the new archives."""
    from tests.support.recorded import make_cuts

    housekeeping.erase_due()
    housekeeping.clear_hearings()
    make_cuts()
    work_off()


@pytest.fixture
def filled(settings: Any, tmp_path: Path) -> Iterator[Everything]:
    """A hearing that was held, with something of each kind."""
    from tests.support.everything import everything

    stored_files.use_apart(settings, tmp_path)
    settings.SECURITY_LOG_DIR = tmp_path / "security"
    settings.MEDIA_ENGINE = replace(settings.MEDIA_ENGINE, segments=tmp_path / "segments")
    settings.ERASED_LIST = tmp_path / "erased.jsonl"
    with everything() as found:
        fill(found)
        yield found


def test_each_kind_is_looked_for() -> None:
    assert set(LOOKED_FOR) | OWN_PERIOD == {row.key for row in TABLE}


@pytest.mark.parametrize("story", EACH_KIND, ids=lambda story: story.__name__)
def test_each_kind_is_kept_until_its_day(
    filled: Everything, story: Callable[[World], date]
) -> None:
    world = filled.world
    last = story(world)
    world.hearing.refresh_from_db()
    assert retention.keep_until_of(world.hearing) == last
    days = world.hearing.registrations.values_list("keep_until", flat=True)
    assert set(days) == {last}
    go_to(world, last)
    clean_up()
    assert {key for key, is_there in kept(filled).items() if not is_there} == set()
    go_to(world, last + timedelta(days=1))
    clean_up()
    assert {key for key, is_there in kept(filled).items() if is_there} == set()


@pytest.mark.parametrize("story", THE_DAY, ids=lambda story: story.__name__)
def test_people_are_kept_until_their_day(story: Callable[[World], date]) -> None:
    with reference_world() as world:
        row = world.ngo("River Watch", 0)
        last = story(world)
        row.refresh_from_db()
        world.hearing.refresh_from_db()
        assert row.keep_until == retention.keep_until_of(world.hearing) == last
        go_to(world, last)
        assert (housekeeping.erase_due(), list(retention.past_retention())) == (0, [])
        go_to(world, last + timedelta(days=1))
        assert list(retention.past_retention()) == [world.hearing]
        assert housekeeping.erase_due() > 0
