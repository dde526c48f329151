"""A hearing begun as a copy of an earlier one, or from a preset."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.hearing.people.actions import appoint, dismiss, staff_member
from hemicycle.hearing.people.models import Appointment, Duty, Role
from hemicycle.hearing.setup import actions, beginning, document_mapping, toml_io
from hemicycle.hearing.setup import document as documents
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.hearing.setup.schema import Document, InvalidDocument
from hemicycle.mail.outgoing.models import (
    Letterhead,
    Message,
    Recipient,
    Recipients,
    ReferenceSeries,
    Unsubscribed,
    Wording,
)
from hemicycle.record import clock
from hemicycle.record.writer import Actor

OFFICE = Actor.system("test")
DAY = date(2031, 3, 4)
EVERYTHING = frozenset(beginning.COPIED)


def document_of(hearing: Hearing) -> Document:
    return document_mapping.to_document(actions.whole(hearing.pk))


def copied(hearing: Hearing, *parts: str) -> Hearing:
    return beginning.copy(
        source=hearing,
        title="Hearing on rivers",
        first_day=DAY,
        parts=frozenset(parts),
        actor=OFFICE,
    )


def roles(hearing: Hearing) -> list[str]:
    rows = Appointment.every.filter(hearing_id=hearing.pk)
    return sorted(rows.values_list("role", flat=True))


def test_a_copy_says_the_same_on_its_new_dates(hearing: Hearing) -> None:
    before = document_of(hearing)
    made = copied(hearing, beginning.MEMBERS)
    expected = documents.shifted(before, DAY)
    expected |= {"title": "Hearing on rivers", "short_title": "", "slug": "hearing-on-rivers"}
    assert document_of(made) == {**expected, "mailboxes": {}}
    assert (made.status, document_of(hearing)) == (Hearing.Status.DRAFT, before)
    assert document_of(made)["meetings"][0]["date"] == DAY


def test_a_copy_keeps_the_mailboxes_of_a_hearing_that_has_ended(hearing: Hearing) -> None:
    actions.end(hearing=hearing, actor=OFFICE)
    assert copied(hearing).mailboxes == hearing.mailboxes != {}


def test_a_copy_without_its_panels_names_nobody(hearing: Hearing) -> None:
    member = PanelMember.objects.filter(segment__meeting__hearing=hearing).first()
    assert member is not None
    member.alias = "Speaker A"
    member.save()
    segment = member.segment
    segment.description = f"With {member.name} in the chair."
    segment.save()
    made = copied(hearing)
    assert not PanelMember.objects.filter(segment__meeting__hearing=made).exists()
    assert member.name not in toml_io.dumps(document_of(made))
    with_panels = copied(hearing, beginning.MEMBERS)
    same = PanelMember.objects.get(segment__meeting__hearing=with_panels, name=member.name)
    assert same.alias == "Speaker A"


def test_a_copy_takes_the_lists_the_letters_and_the_staff_that_were_asked_for(
    hearing: Hearing,
) -> None:
    missions = Recipients.objects.create(
        hearing_id=hearing.pk, name="Missions", made_at=clock.now()
    )
    for name in ("one", "two"):
        address = f"{name}@mission.example"
        Recipient.objects.create(recipients=missions, address=address, address_key=address)
    Unsubscribed.objects.create(
        hearing_id=hearing.pk, address_key="two@mission.example", at=clock.now()
    )
    Wording.objects.create(
        hearing_id=hearing.pk,
        letter="receipt",
        language="fr",
        subject="Reçu",
        body="Merci",
        changed_at=clock.now(),
    )
    Letterhead.objects.create(hearing_id=hearing.pk, sender="Office of the President")
    ReferenceSeries.objects.create(hearing_id=hearing.pk, pattern="A/{number}", last=7)
    officer = staff_member(name="Officer", email="officer@hearing.example")
    moderator = staff_member(name="Moderator", email="moderator@hearing.example")
    appoint(person=officer, hearing_id=hearing.pk, role=Role.INTERPRETER, actor=OFFICE)
    appoint(person=moderator, hearing_id=hearing.pk, role=Role.MODERATOR, actor=OFFICE)

    bare, full = copied(hearing), copied(hearing, *EVERYTHING)

    def held(made: Hearing) -> tuple[list[str], list[str], list[str], list[str]]:
        lines = Recipient.objects.filter(recipients__hearing_id=made.pk)
        return (
            sorted(lines.values_list("address", flat=True)),
            list(
                Unsubscribed.objects.filter(hearing_id=made.pk).values_list(
                    "address_key", flat=True
                )
            ),
            list(Wording.objects.filter(hearing_id=made.pk).values_list("subject", flat=True)),
            roles(made),
        )

    assert held(bare) == ([], [], [], [])
    both = ["one@mission.example", "two@mission.example"]
    assert held(full) == (both, ["two@mission.example"], ["Reçu"], ["interpreter", "moderator"])
    assert roles(copied(hearing, beginning.STAFF)) == ["interpreter"]
    assert roles(copied(hearing, beginning.MEMBERS)) == ["moderator"]
    assert held(hearing)[:3] == held(full)[:3]
    heads = Letterhead.objects.filter(sender="Office of the President")
    assert set(heads.values_list("hearing_id", flat=True)) == {hearing.pk, full.pk}
    # A copy with the same pattern would give references that the first hearing has already given.
    assert ReferenceSeries.objects.count() == 1


def test_a_copy_of_an_ended_hearing_gives_its_people_their_roles_again(hearing: Hearing) -> None:
    """Their roles ended with the hearing. Someone who had left before is not asked again."""
    for role, name in ((Role.INTERPRETER, "booth"), (Role.MODERATOR, "chair")):
        person = staff_member(name=name, email=f"{name}@hearing.example")
        appoint(person=person, hearing_id=hearing.pk, role=role, actor=OFFICE)
    left = staff_member(name="Left", email="left@hearing.example")
    gone = appoint(person=left, hearing_id=hearing.pk, role=Role.TECHNICIAN, actor=OFFICE)
    dismiss(appointment=gone, actor=OFFICE)
    actions.end(hearing=hearing, actor=OFFICE)
    assert roles(hearing) == []
    made = copied(hearing, beginning.STAFF, beginning.MEMBERS)
    assert roles(made) == ["interpreter", "moderator"]
    letters = Message.objects.filter(hearing_id=made.pk)
    assert sorted(letters.values_list("address", flat=True)) == [
        "booth@hearing.example",
        "chair@hearing.example",
    ]


def test_officers_have_the_same_duties_in_a_copy(hearing: Hearing) -> None:
    for name, duties in (("all", Duty), ("some", [Duty.MEDIA])):
        person = staff_member(name=name, email=f"{name}@hearing.example")
        appoint(
            person=person,
            hearing_id=hearing.pk,
            role=Role.SECRETARIAT,
            duties=list(duties),
            actor=OFFICE,
        )
    made = copied(hearing, beginning.STAFF)
    held = Appointment.every.filter(hearing_id=made.pk, role=Role.SECRETARIAT)
    assert sorted((row.person.name, row.duties) for row in held) == [
        ("all", None),
        ("some", ["media"]),
    ]


def test_a_copy_onto_an_hour_that_does_not_exist_is_refused_whole(hearing: Hearing) -> None:
    meeting = hearing.meetings.first()
    assert meeting is not None
    data = document_of(hearing)
    data["deadlines"][0]["closes"] = datetime.combine(date(2021, 7, 5), time(2, 30))
    actions.change(hearing=hearing, data=data, actor=OFFICE)
    # Eight days before this Monday, New York's clocks are moved from 2:00 to 3:00.
    with pytest.raises(InvalidDocument, match="the clocks change"):
        beginning.copy(source=hearing, title="Rivers", first_day=date(2027, 3, 22), actor=OFFICE)
    assert Hearing.objects.count() == 1


@pytest.mark.parametrize("name", sorted(beginning.PRESETS))
def test_each_preset_is_a_hearing_that_can_be_published(name: str, db: None) -> None:
    made = beginning.from_preset(
        name=name, title="Rivers", first_day=DAY, time_zone="Africa/Nairobi", actor=OFFICE
    )
    assert actions.lacking(made) == []
    assert (made.slug, made.time_zone, made.status) == ("rivers", "Africa/Nairobi", "draft")
    assert document_of(made)["meetings"][0]["starts"].date() == DAY


@pytest.mark.parametrize("name", sorted(beginning.PRESETS))
@pytest.mark.parametrize("language", ["ar", "es", "fr", "ru", "zh-hans"])
def test_each_preset_speaks_each_language(name: str, language: str) -> None:
    english = beginning.preset(name)
    other = beginning.in_language(english, language)
    pairs = zip(documents.translated_rows(english), documents.translated_rows(other), strict=True)
    same = {
        text
        for (one, _at), (two, _) in pairs
        for name in ("title", "label", "evidence")
        if (text := one.get(name, "")) == two.get(name, "")
    }
    assert same <= {"", "New hearing", "Panel 1", "Panel 2"}
    assert other["original_language"] == language


def test_a_preset_in_one_language_carries_no_other() -> None:
    made = beginning.in_language(beginning.preset("council-hearing"), "fr")
    assert made["languages"] == ["fr"]
    assert (
        made["categories"][0] | {"label": "Habitants", "translations": {}}
        == (made["categories"][0])
    )


def test_a_preset_of_six_languages_keeps_the_original_as_a_translation() -> None:
    made = beginning.in_language(beginning.preset("un-hearing"), "ar")
    first = made["categories"][0]
    assert (first["label"], first["translations"]["en"]) == (
        "الدول الأعضاء",
        {"label": "Member States"},
    )
    assert sorted(first["translations"]) == ["en", "es", "fr", "ru", "zh"]


def test_an_unknown_preset_is_no_file() -> None:
    with pytest.raises(KeyError):
        beginning.preset("../../secrets")


@given(day=st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_every_date_keeps_its_distance(day: date) -> None:
    first = beginning.preset("un-hearing")
    document = documents.shifted(first, day)
    by = document["meetings"][0]["starts"] - first["meetings"][0]["starts"]
    assert document["meetings"][0]["date"] == day
    assert [row["closes"] - by for row in document["deadlines"]] == [
        row["closes"] for row in first["deadlines"]
    ]
