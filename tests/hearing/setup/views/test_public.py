"""What the public sees, at each phase of a hearing."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup import actions
from hemicycle.hearing.setup.models import Hearing, Meeting, PanelMember, Segment
from hemicycle.procedure import commands as c
from hemicycle.record import clock
from hemicycle.record.floor import act
from hemicycle.record.writer import Actor
from tests.hearing.setup.conftest import REFERENCE

OFFICE = Actor("0" * 32, "secretariat")
PAGE = "/h/2021-trafficking/"


def at(moment: str) -> clock.Virtual:
    """Return a clock at a moment of the hearing's July, in UTC."""
    return clock.Virtual(
        clock.to_ms(datetime.fromisoformat(f"2021-07-{moment}").replace(tzinfo=UTC))
    )


def page_at(client: Client, moment: str, path: str = PAGE) -> str:
    with clock.using(at(moment)):
        return client.get(path).content.decode()


def test_the_page_says_what_the_letter_says(hearing: Hearing, client: Client) -> None:
    page = page_at(client, "01T12:00")
    for said in (
        "President of the General Assembly",
        "https://undocs.org/A/RES/75/283",
        "Panel 1: The Global Plan of Action and enduring trafficking issues and gaps",
        "Moderator B",
        "#endhumantrafficking",
        "statements@hearing.example",
        "Tuesday, 13 July 2021",
        "3 minutes",
        "Member States and stakeholders take turns on one list.",
    ):
        assert said in page
    assert page.count("<li>", page.index('class="questions"'), page.index('id="about"')) == 8


@pytest.mark.parametrize(
    ("moment", "ways", "said"),
    [
        ("01T12:00", ["/register/", "/inscribe/"], "closes in 4 days"),
        ("05T20:59:59", ["/register/", "/inscribe/"], "closes in"),
        ("05T21:00:00", ["/inscribe/"], "Closed. You can still write and watch."),
        ("10T03:59:59", [], "Closed. You can still write and watch."),
        ("13T14:30", [], "The hearing is in session"),
        ("13T17:00", [], "Between meetings"),
        ("13T21:00", [], "This hearing has ended"),
    ],
)
def test_the_page_follows_the_time(
    hearing: Hearing, client: Client, moment: str, ways: list[str], said: str
) -> None:
    page = page_at(client, moment)
    assert said in page
    assert [way for way in ("/register/", "/inscribe/") if f"{PAGE[:-1]}{way}" in page] == ways


def test_the_record_knows_better_than_the_programme(hearing: Hearing, client: Client) -> None:
    morning = hearing.meetings.get(ordinal=1)
    with clock.using(at("13T14:05")):
        _press(morning, c.OpenMeeting(morning.id.hex))
    assert "The hearing is in session" in page_at(client, "13T16:20")
    with clock.using(at("13T16:25")):
        _press(morning, c.CloseMeeting())
    assert "Between meetings" in page_at(client, "13T16:26")


def _press(meeting: Meeting, command: c.Command) -> None:
    act(hearing=meeting.hearing_id, meeting=meeting.id, command=command, actor=OFFICE)


def test_the_list_of_hearings_has_them_by_time(hearing: Hearing, client: Client) -> None:
    actions.convene(
        REFERENCE, slug="later", shift_to=datetime(2031, 5, 6, tzinfo=UTC).date(), publish=True
    )
    actions.convene(REFERENCE, slug="secret")
    page = page_at(client, "13T15:00", "/")
    places = [page.index(word) for word in ("Today and now", "/h/2021-trafficking/", "/h/later/")]
    assert places == sorted(places)
    assert "/h/secret/" not in page
    assert "Past" in page_at(client, "14T15:00", "/")


def test_an_ended_hearing_takes_nobody_in(hearing: Hearing, client: Client) -> None:
    actions.end(hearing=hearing, actor=OFFICE)
    page = page_at(client, "01T12:00")
    assert "This hearing has ended" in page
    assert f"{PAGE}register/" not in page


def test_an_ended_hearing_leads_with_what_remains_of_it(hearing: Hearing, client: Client) -> None:
    actions.end(hearing=hearing, actor=OFFICE)
    page = page_at(client, "14T15:00")
    first = page[page.index("This hearing has ended") : page.index("How people took part")]
    paths = [f'href="{PAGE}{part}/"' for part in ("live", "statements")]
    assert [first.count(path) for path in paths] == [1, 1]
    assert first.index(paths[0]) < first.index(paths[1])
    assert 'id="ended"' not in page_at(Client(), "01T12:00", "/")


def test_an_opening_has_a_chair_and_speakers(hearing: Hearing, client: Client) -> None:
    opening, panel = Segment.objects.filter(meeting__hearing=hearing).order_by("ordinal")[:2]
    for role, name in ((Role.MODERATOR, "Ada Chair"), (Role.PANELLIST, "Ben Opens")):
        opening.members.create(role=role, name=name)
    assert (opening.kind, panel.kind) == ("opening", "panel")
    assert {member.name: member.role_label for member in opening.members.all()} == {
        "Ada Chair": "Chair",
        "Ben Opens": "Opening speaker",
    }
    labels = {member.role_label for member in panel.members.all()}
    assert labels <= {"Moderator", "Panellist"}
    page = " ".join(client.get(PAGE).content.decode().split())
    assert page.index("Chair") < page.index("Ada Chair") < page.index("Opening speakers")
    assert page.index("Opening speakers") < page.index("Ben Opens")


def test_a_segment_may_have_a_chair_other_than_the_moderator(
    hearing: Hearing, client: Client
) -> None:
    opening = Segment.objects.filter(meeting__hearing=hearing).order_by("ordinal")[0]
    opening.members.create(role=Role.MODERATOR, name="Ada Moderates")
    opening.members.create(role=PanelMember.CHAIR, name="Cy Presides", title="Senator")
    assert {member.name: member.role_label for member in opening.members.all()} == {
        "Ada Moderates": "Moderator",
        "Cy Presides": "Chair",
    }
    page = " ".join(client.get(PAGE).content.decode().split())
    assert page.index("Chair") < page.index("Cy Presides") < page.index("Ada Moderates")
    told = client.get(f"/api/v1/hearings/{hearing.slug}").json()
    members = told["meetings"][0]["segments"][0]["members"]
    assert [(row["role"], row["name"]) for row in members] == [
        ("chair", "Cy Presides"),
        ("moderator", "Ada Moderates"),
    ]


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)


def test_pages_ask_little_and_no_more_for_more(
    hearing: Hearing, client: Client, more: Callable[[], None]
) -> None:
    before = {path: queries(client, path) for path in ("/", PAGE)}
    more()
    assert {path: queries(client, path) for path in ("/", PAGE)} == before
    assert before["/"] <= 2
    # Three of them look for documents, a wall and a summary to link to.
    assert before[PAGE] <= 10


@pytest.fixture
def more(hearing: Hearing) -> Callable[[], None]:
    """Return a function that adds two more hearings, and three more questions to the first."""

    def grow() -> None:
        for number in range(2):
            actions.convene(REFERENCE, slug=f"more-{number}", publish=True)
        for number in range(9, 12):
            hearing.guiding_questions.create(number=number, text="And?")

    return grow


def test_names_in_any_script_stand_on_the_page(client: Client, db: None) -> None:
    title = "جلسة استماع علنية 听证会 <b>&</b> 🌍"
    actions.convene({**_published(), "title": title, "slug": "any"}, publish=True)
    assert (
        "جلسة استماع علنية 听证会 &lt;b&gt;&amp;&lt;/b&gt; 🌍"
        in client.get("/h/any/").content.decode()
    )


def _published() -> dict[str, object]:
    from hemicycle.hearing.setup import toml_io

    return toml_io.loads(REFERENCE.read_text())
