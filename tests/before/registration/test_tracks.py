"""Tracks with names of the hearing's own: their forms, deadlines, places and lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils.translation import override

from hemicycle.before.registration import panel_room, track_guard
from hemicycle.before.registration.actions import Submitted, submit
from hemicycle.before.registration.forms import StakeholderForm
from hemicycle.before.registration.models import Draft, Inscription, Registration, Waiting
from hemicycle.before.registration.refusals import Reason, RegistrationRefused
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.before.speakers import queries, rules
from hemicycle.hearing.setup import actions as hearings
from hemicycle.hearing.setup import document_mapping
from hemicycle.hearing.setup.models import Segment
from hemicycle.hearing.setup.schema import InvalidDocument
from hemicycle.record import clock

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.postgresql("constraints")

type Typed = Callable[..., dict[str, Any]]
FORM = "/h/2021-trafficking/register/"
YOUTH = {
    "key": "youth",
    "kind": "stakeholders",
    "names": {"en": "Youth", "fr": "Jeunesse"},
    "max_per_panel": None,
}


def document(world: World) -> dict[str, Any]:
    return document_mapping.to_document(hearings.whole(world.hearing.id))


def change(world: World, **parts: Any) -> None:
    hearings.change(hearing=world.hearing, data={**document(world), **parts}, actor=world.office)


def on_youth(world: World, *keys: str, **track: Any) -> None:
    """Give the hearing a third track with the categories of `keys`."""
    now = document(world)
    categories = [
        {**row, "track": "youth"} if row["key"] in keys else row for row in now["categories"]
    ]
    change(world, tracks=[*now["tracks"], {**YOUTH, **track}], categories=categories)


@pytest.fixture
def youth(world: World) -> World:
    on_youth(world, "academia")
    return world


@pytest.fixture
def young(youth: World, stakeholder: Typed) -> Typed:
    """Return a function that makes the fields of the form of the hearing's third track."""

    def typed(**changes: Any) -> dict[str, Any]:
        category = youth.hearing.categories.get(key="academia")
        number = next(youth.numbers)
        own = {"track": "youth", "category": str(category.id), "email": f"y{number}@example.org"}
        return stakeholder(**own | {"organization": f"Youth {number}"} | changes)

    return typed


def registered(world: World, typed: dict[str, Any]) -> Submitted:
    facts = facts_of(world.hearing)
    form = StakeholderForm(facts, typed)
    assert form.is_valid(), form.errors
    vouch = Registration.Vouch.SECRETARIAT
    return submit(facts=facts, cleaned=form.cleaned(), received_at=clock.now(), vouch=vouch)


# ── Names and forms ───────────────────────────────────────────────────────────────────────────
def test_a_hearing_that_names_no_track_has_one_of_each_kind(world: World) -> None:
    assert [track.label for track in world.hearing.all_tracks] == [
        "Member States and observers",
        "Stakeholders",
    ]
    with override("fr"):
        assert world.hearing.track_label("stakeholders") == "Parties prenantes"


def test_a_track_has_its_name_in_the_readers_language_or_the_first(youth: World) -> None:
    assert youth.hearing.track_label("youth") == "Youth"
    with override("fr"):
        assert youth.hearing.track_label("youth") == "Jeunesse"
    with override("ru"):
        assert youth.hearing.track_label("youth") == "Youth"
    assert youth.hearing.track_label("nobody") == "nobody"


def test_each_track_has_a_form_with_its_own_categories(youth: World, client: Client) -> None:
    assert client.get(FORM).headers["location"] == "/h/2021-trafficking/take-part/"
    choice = client.get("/h/2021-trafficking/take-part/").content.decode()
    assert "/register/?track=youth" in choice
    assert "/register/?track=stakeholders" in choice
    page = client.get(f"{FORM}?track=youth").content.decode()
    assert "Academic institution" in page
    assert "Invited civil society" not in page
    assert client.get("/h/2021-trafficking/inscribe/").status_code == 200


def test_a_registration_is_on_the_track_of_its_form(
    youth: World, young: Typed, client: Client
) -> None:
    answer = client.post(FORM, young())
    assert answer.status_code == 302
    row = youth.hearing.registrations.get()
    assert (row.track, row.kind, row.is_mission) == ("youth", "stakeholders", False)
    assert [place.track for place in row.inscriptions.all()] == ["youth"]


def test_another_tracks_category_is_not_chosen(youth: World, young: Typed, client: Client) -> None:
    other = youth.hearing.categories.get(key="civil-society")
    assert client.post(FORM, young(category=str(other.id))).status_code == 422
    assert not youth.hearing.registrations.exists()


def test_a_draft_opens_the_form_of_its_track(youth: World, young: Typed, client: Client) -> None:
    client.post(FORM, young(save_draft="1", draft_key="d" * 43))
    assert {draft.track for draft in Draft.objects.all()} == {"youth"}
    found = client.get(f"{FORM}?track=youth", follow=True).content.decode()
    assert "This is your draft" in found
    assert "Academic institution" in found


def test_several_people_register_on_one_track(youth: World, client: Client) -> None:
    several = "/h/2021-trafficking/register/several/"
    assert client.get(several).headers["location"] == "/h/2021-trafficking/take-part/"
    page = client.get(f"{several}?track=youth").content.decode()
    assert 'name="track" value="youth"' in page
    assert "Invited civil society" not in page


# ── Deadlines ─────────────────────────────────────────────────────────────────────────────────
def test_each_track_has_its_own_deadline(youth: World, young: Typed, client: Client) -> None:
    now = document(youth)
    closes = clock.now().astimezone(youth.hearing.zone).replace(tzinfo=None)
    early = {"track": "youth", "closes": closes + timedelta(hours=1)}
    change(youth, deadlines=[*now["deadlines"], early])
    youth.clock.advance(2 * 3_600_000)
    assert client.post(FORM, young()).status_code == 409
    assert "Registration is closed" in client.get(f"{FORM}?track=youth").content.decode()
    assert client.get(f"{FORM}?track=stakeholders").status_code == 200
    assert facts_of(youth.hearing).is_open("stakeholders", clock.now())


# ── Places ────────────────────────────────────────────────────────────────────────────────────
def test_a_panels_places_for_a_track_are_its_own(
    world: World, stakeholder: Typed, young_again: Typed
) -> None:
    on_youth(world, "academia", max_per_panel=1)
    registered(world, young_again())
    with pytest.raises(RegistrationRefused, match="one place for “Youth”") as refused:
        registered(world, young_again())
    assert (refused.value.reason, refused.value.field) == (Reason.PANEL_FULL, "segment")
    registered(world, stakeholder())
    room = panel_room.room_in(world.panels[0], world.hearing, "youth")
    assert (room.whole, room.of_track, room.left) == (None, 0, 0)
    assert panel_room.room_in(world.panels[0], world.hearing, "stakeholders").left is None


@pytest.fixture
def young_again(world: World, stakeholder: Typed) -> Typed:
    """Return a function as `young` does, for a third track that the test itself creates."""

    def typed(**changes: Any) -> dict[str, Any]:
        number = next(world.numbers)
        return stakeholder(
            track="youth",
            category=str(world.hearing.categories.get(key="academia").id),
            organization=f"Youth {number}",
            email=f"y{number}@example.org",
            **changes,
        )

    return typed


def test_a_panel_may_have_other_places_for_a_track(world: World, young_again: Typed) -> None:
    on_youth(world, "academia", max_per_panel=1)
    now = document(world)
    panels = [row for row in now["meetings"][0]["segments"] if row["kind"] == "panel"]
    panels[0]["places_by_track"] = {"youth": 2}
    change(world, meetings=now["meetings"])
    for _again in range(2):
        registered(world, young_again())
    with pytest.raises(RegistrationRefused, match="2 places for “Youth”"):
        registered(world, young_again())


def test_who_waits_for_a_tracks_place_does_not_hold_up_another_track(
    world: World, stakeholder: Typed, young_again: Typed
) -> None:
    on_youth(world, "academia", max_per_panel=1)
    Segment.objects.filter(pk=world.panels[0].pk).update(waiting_list=True, max_inscriptions=2)
    first = registered(world, young_again())
    waits = registered(world, young_again())
    other = registered(world, stakeholder())
    last = registered(world, stakeholder(organization="Late", email="late@example.org"))
    assert [len(done.inscriptions) for done in (first, waits, other, last)] == [1, 0, 1, 0]
    # The panel has a free place, and the second person waiting moves up: the youth track is full.
    Segment.objects.filter(pk=world.panels[0].pk).update(max_inscriptions=3)
    change(world, venue="Hall 9")
    waiting = Waiting.objects.filter(segment=world.panels[0]).values_list("registration", flat=True)
    assert list(waiting) == [waits.registration.id]


def test_places_below_what_stands_take_nothing_and_are_named(youth: World, young: Typed) -> None:
    for _again in range(3):
        registered(youth, young())
    now = document(youth)
    tracks = [row | {"max_per_panel": 2} if row["key"] == "youth" else row for row in now["tracks"]]
    change(youth, tracks=tracks)
    standing = Inscription.objects.filter(track="youth", state=Inscription.State.INSCRIBED)
    assert standing.count() == 3
    (said,) = track_guard.notices(youth.hearing, ["tracks"])
    assert said.startswith(f"The list of “{youth.panels[0].title}” has 3 speakers of “Youth” and 2")
    assert "Nobody loses a place" in said


# ── Lists ─────────────────────────────────────────────────────────────────────────────────────
def test_three_tracks_merge_into_one_list(youth: World, young: Typed, stakeholder: Typed) -> None:
    now = document(youth)
    order = ["youth", "stakeholders", "member-states"]
    change(youth, merge={"kind": "ratio", "tracks": order, "counts": [1, 2, 1]})
    for number in range(3):
        typed = stakeholder(organization=f"Group {number}", email=f"g{number}@example.org")
        registered(youth, typed)
    for _again in range(2):
        registered(youth, young())
    youth.mission("France", 0)
    Registration.objects.update(status="accepted", confirmed_at=clock.now())
    lines = queries.order_under(youth.panels[0], youth.hearing.merge)
    assert [line.inscription.track for line in lines] == [
        *("youth", "stakeholders", "stakeholders", "member-states"),
        *("youth", "stakeholders"),
    ]
    assert rules.in_words(youth.hearing).endswith(
        "Youth (1), Stakeholders (2) and Member States and observers (1)"
    )
    assert now["merge"]["tracks"] == ["member-states", "stakeholders", "youth"]


# ── Guards ────────────────────────────────────────────────────────────────────────────────────
def refusal(world: World, **parts: Any) -> str:
    before = document(world)
    with pytest.raises(InvalidDocument) as invalid:
        change(world, **parts)
    world.hearing.refresh_from_db()
    assert document(world) == before
    return "\n".join(problem.says for problem in invalid.value.problems)


def test_a_track_with_people_stays(youth: World, young: Typed) -> None:
    registered(youth, young())
    now = document(youth)
    moved = [
        row | {"track": "stakeholders"} for row in now["categories"] if row["track"] == "youth"
    ]
    rest = [row for row in now["categories"] if row["track"] != "youth"]
    gone = {
        "tracks": [row for row in now["tracks"] if row["key"] != "youth"],
        "categories": [*rest, *moved],
        "merge": {"kind": "alternate", "tracks": ["member-states", "stakeholders"], "counts": []},
    }
    assert refusal(youth, **gone) == (
        "The track “youth” cannot be removed: one person has registered on it."
    )
    assert refusal(youth, categories=gone["categories"]) == (
        "“Academic institution” stays on the track “Youth”: people have registered there."
    )
    form = [
        row | {"kind": "member-states"} if row["key"] == "youth" else row for row in now["tracks"]
    ]
    assert refusal(youth, tracks=form) == (
        "The track “Youth” keeps its form: one person has registered with it."
    )


def test_an_empty_track_goes_with_all_that_names_it(youth: World) -> None:
    now = document(youth)
    change(
        youth,
        tracks=[row for row in now["tracks"] if row["key"] != "youth"],
        categories=[
            row | {"track": "stakeholders"} if row["track"] == "youth" else row
            for row in now["categories"]
        ],
        merge={"kind": "alternate", "tracks": ["stakeholders"], "counts": []},
    )
    assert [track.key for track in youth.hearing.all_tracks] == ["member-states", "stakeholders"]
    assert youth.hearing.merge["tracks"] == ["stakeholders", "member-states"]


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"deadlines": [{"track": "elders", "closes": "x"}]}, "There is no track “elders”"),
        ({"merge": {"kind": "blocks", "tracks": ["elders"]}}, "There is no track “elders”"),
        ({"tracks": [YOUTH, YOUTH]}, "“youth” is here twice"),
        ({"tracks": [YOUTH | {"key": "statements"}]}, "cannot have the key “statements”"),
        ({"tracks": [YOUTH | {"names": {"??": "Youth"}}]}, "is not a language tag"),
        ({"tracks": [YOUTH | {"limit_seconds": 20}]}, "before the limit of 20 seconds"),
        ({"tracks": [YOUTH | {"key": f"t{n}"} for n in range(13)]}, "at most 12 tracks"),
    ],
)
def test_what_is_no_set_of_tracks(world: World, parts: dict[str, Any], sentence: str) -> None:
    if "deadlines" in parts:
        closes = document(world)["deadlines"][0]["closes"]
        parts = {"deadlines": [{"track": "elders", "closes": closes}]}
    assert sentence in refusal(world, **parts)
