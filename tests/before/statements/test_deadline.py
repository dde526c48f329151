"""The deadline for statements: later ones are marked or, if the hearing asks for it, refused."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.models import Registration
from hemicycle.before.statements import actions, letters, queries
from hemicycle.before.statements.models import StatementVersion
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock
from hemicycle.record.models import Entry
from hemicycle.record.writer import Actor
from tests.before.statements.test_views import my
from tests.support.jobs import outcome
from tests.support.lists import World
from tests.support.markup import compact

pytestmark = pytest.mark.postgresql("time")

CLOSES = datetime(2021, 7, 9, 21, tzinfo=UTC)
"""17:00 in New York, the time zone of the reference hearing."""
SECOND = timedelta(seconds=1)
Late = Hearing.LateStatements
SAID = "The deadline for statements has passed, and late ones are not accepted."


def close(world: World, late: str = Late.ACCEPTED) -> None:
    world.hearing.statements_close_at, world.hearing.late_statements = CLOSES, late
    world.hearing.save(update_fields=("statements_close_at", "late_statements"))


def hand_in(
    world: World, row: Registration, text: str, at: datetime, actor: Actor | None = None
) -> StatementVersion:
    return actions.hand_in(
        registration=row,
        inscription=world.inscription(row),
        file_name="statement.txt",
        data=text.encode(),
        by=row.person,
        actor=actor or actor_of(row),
        received_at=at,
    ).version


@pytest.mark.parametrize(
    ("after", "is_late"),
    [(-timedelta(seconds=1), False), (timedelta(milliseconds=999), False), (SECOND, True)],
)
def test_the_second_of_the_deadline_still_counts(after: timedelta, is_late: bool) -> None:
    hearing = Hearing(statements_close_at=CLOSES, late_statements=Late.REFUSED)
    assert hearing.is_late_statement(CLOSES + after) == is_late
    assert hearing.takes_statement(CLOSES + after) != is_late
    assert Hearing(late_statements=Late.REFUSED).takes_statement(CLOSES + after)


def test_a_late_statement_is_taken_and_marked(world: World) -> None:
    close(world)
    early, late = world.ngo("River Watch", 0), world.ngo("Lake Watch", 0)
    hand_in(world, early, "In time.", CLOSES)
    hand_in(world, early, "In time, and better.", CLOSES + timedelta(hours=1))
    hand_in(world, late, "Too late.", CLOSES + timedelta(seconds=1))
    rows = queries.details_of(world.hearing, queries.statements_of(world.hearing))
    assert {row.statement.registration_id: row.is_late for row in rows} == {
        early.id: False,
        late.id: True,
    }
    marks = next(row.dated_versions for row in rows if not row.is_late)
    assert [(version.number, is_late) for version, is_late in marks] == [(2, True), (1, False)]
    entries = Entry.objects.filter(kind="statement.handed_in").order_by("seq")
    assert [json.loads(entry.body)["late"] for entry in entries] == [False, True, True]
    assert json.loads(entries[0].body)["received"] == clock.to_ms(CLOSES)


def test_the_office_sees_who_was_late(world: World) -> None:
    close(world)
    hand_in(world, world.ngo("River Watch", 0), "In time.", CLOSES)
    hand_in(world, world.ngo("Lake Watch", 0), "Too late.", CLOSES + timedelta(seconds=1))
    client, pages = world.client(), f"/office/{world.hearing.slug}/statements/"
    rows = list(csv.reader(io.StringIO(client.get(f"{pages}export/csv/").text.lstrip("\ufeff"))))
    column = rows[0].index("Late")
    assert {row[0]: row[column] for row in rows[1:]} == {"River Watch": "no", "Lake Watch": "yes"}
    assert compact(client.get(pages).text).count("</svg>late<") == 1
    record = client.get(f"/office/{world.hearing.slug}/record/").text
    assert ("Late: yes." in record, "Late: no." in record) == (True, True)


def test_what_was_received_in_time_is_in_time_however_late_it_is_read(world: World) -> None:
    close(world, Late.REFUSED)
    row = world.ngo("River Watch", 0)
    world.clock.move_to(clock.to_ms(CLOSES))
    client = Client()
    page = f"{my(row)}statement/{world.inscription(row).id}/"
    sent = client.post(page, {"text": "At the last second."})
    world.clock.advance(3_600_000)
    assert "Your statement has been received." in outcome(client, sent).text
    (details,) = queries.details_of(world.hearing, queries.statements_of(world.hearing))
    assert not details.is_late


def test_where_late_ones_are_refused_only_the_office_can_add_one(world: World) -> None:
    close(world, Late.REFUSED)
    row, late = world.ngo("River Watch", 0), CLOSES + timedelta(seconds=1)
    with pytest.raises(actions.StatementRefused, match=SAID):
        hand_in(world, row, "Too late.", late)
    assert not StatementVersion.objects.exists()
    world.clock.move_to(clock.to_ms(late))
    client, page = Client(), f"{my(row)}statement/{world.inscription(row).id}/"
    refused = client.post(page, {"text": "Too late."})
    assert (refused.status_code, SAID in refused.text) == (422, True)
    assert "Too late." in refused.text  # what was typed is not lost
    assert (SAID in client.get(my(row)).text, page in client.get(my(row)).text) == (True, False)
    assert letters.remind(inscriptions=[world.inscription(row)], actor=world.office) == 0
    assert hand_in(world, row, "By mail.", late, world.office).number == 1


def test_people_read_the_deadline_in_the_zone_of_the_hearing(world: World) -> None:
    close(world)
    row = world.ngo("River Watch", 0)
    for address in (my(row), f"{my(row)}statement/", f"/h/{world.hearing.slug}/"):
        assert "17:00 New York time" in Client().get(address).text, address
    assert letters.remind(inscriptions=[world.inscription(row)], actor=world.office) == 1
    body = Message.objects.get(purpose=Message.Purpose.MISSING_STATEMENT).body
    assert "Deadline for statements: 9 July 2021, 17:00 (New York time), 21:00 UTC" in body
