"""Aliases of panellists and moderators, set by themselves, the office or the hearing's document."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from hemicycle.before.registration import overview
from hemicycle.hearing.people import actions as people
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup import actions, aliases, document_mapping, panel_seats
from hemicycle.hearing.setup.models import Hearing, PanelMember, Segment
from hemicycle.hearing.setup.schema import InvalidDocument
from hemicycle.mail.outgoing.models import Message
from hemicycle.record.models import Entry
from hemicycle.record.writer import Actor

SYSTEM = Actor.system("test")
EMAIL = "seat@hearing.example"


@pytest.fixture
def member(hearing: Hearing) -> PanelMember:
    """Return a panellist of the first panel."""
    return panel_seats.members(hearing)[1]


def signed_in(hearing: Hearing, email: str, role: Role) -> Client:
    """Return the browser of a new person who has a role."""
    person = people.staff_member(name="Somebody", email=email)
    people.appoint(person=person, hearing_id=hearing.id, role=role, actor=SYSTEM)
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def document(hearing: Hearing, *, in_public: bool = False) -> dict[str, Any]:
    return document_mapping.to_document(actions.whole(hearing.id), in_public=in_public)


def members_in(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        member
        for meeting in data["meetings"]
        for segment in meeting["segments"]
        for member in segment["members"]
    ]


def test_a_panellist_sets_their_alias_and_the_programme_shows_it(
    hearing: Hearing, member: PanelMember
) -> None:
    panel_seats.seat(hearing=hearing, member=member, email=EMAIL, actor=SYSTEM)
    client = Client()
    client.force_login(
        Person.objects.get(email=EMAIL), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert "Your public name" in client.get("/office/").text
    page = f"/h/{hearing.slug}/public-name/"
    wrong = client.post(page, {"alias": member.name})
    assert (wrong.status_code, "contains the real name" in wrong.text) == (422, True)
    assert client.post(page, {"alias": "Voice P"}).status_code == 302
    public = Client().get(f"/h/{hearing.slug}/").text
    assert "Voice P" in public
    assert member.name not in public
    assert client.post(page).status_code == 200  # a missing field removes nothing
    assert PanelMember.objects.get(pk=member.pk).alias == "Voice P"
    entry = Entry.objects.get(kind="panel.public_name")
    assert entry.fields() == {"slot": member.id.hex, "alias": True}


def test_whoever_has_no_seat_is_told_so(hearing: Hearing) -> None:
    client = signed_in(hearing, "moderator@hearing.example", Role.MODERATOR)
    page = client.get(f"/h/{hearing.slug}/public-name/")
    assert "You do not have a seat on a panel yet" in page.text


def test_the_office_sets_it_with_the_seat_and_sees_both_names(
    hearing: Hearing, member: PanelMember
) -> None:
    office = signed_in(hearing, "office@hearing.example", Role.SECRETARIAT)
    page = f"/office/{hearing.slug}/people/seats/{member.pk}/"
    wrong = office.post(page, {"email": EMAIL, "alias": "…"})
    assert (wrong.status_code, "must have letters or digits" in wrong.text) == (200, True)
    assert PanelMember.objects.get(pk=member.pk).person is None
    office.post(page, {"email": EMAIL, "alias": "Voice P"})
    shown = office.get(f"/office/{hearing.slug}/people/").text
    assert "Voice P" in shown
    assert member.name in shown


def test_a_second_seat_of_the_same_person_gets_the_alias_too(
    hearing: Hearing, member: PanelMember
) -> None:
    aliases.set_alias(hearing=hearing, member=member, alias="Voice P", actor=SYSTEM)
    panel_seats.seat(hearing=hearing, member=member, email=EMAIL, actor=SYSTEM)
    other = panel_seats.members(hearing)[-1]
    assert other.name != member.name
    panel_seats.seat(hearing=hearing, member=other, email=EMAIL, actor=SYSTEM)
    assert PanelMember.objects.get(pk=other.pk).alias == "Voice P"


def test_the_document_keeps_an_alias_where_a_name_is_corrected(
    hearing: Hearing, member: PanelMember
) -> None:
    aliases.set_alias(hearing=hearing, member=member, alias="Voice P", actor=SYSTEM)
    data = document(hearing)
    (own,) = [row for row in members_in(data) if row["name"] == member.name]
    own["name"] = "Corrected Name"
    actions.change(hearing=hearing, data=data, actor=SYSTEM)
    (row,) = PanelMember.objects.filter(name="Corrected Name")
    assert (row.pk, row.alias) == (member.pk, "Voice P")


def test_the_document_is_refused_with_an_alias_that_is_somebody_s_name(
    hearing: Hearing, member: PanelMember
) -> None:
    data = document(hearing)
    first, second = members_in(data)[:2]
    second["alias"] = first["name"]
    with pytest.raises(InvalidDocument) as raised:
        actions.change(hearing=hearing, data=data, actor=SYSTEM)
    (problem,) = raised.value.problems
    assert (problem.at[-1], "already has this name" in problem.says) == ("alias", True)
    assert not PanelMember.objects.exclude(alias="").exists()


def test_what_the_outside_gets_of_the_document_has_the_alias_alone(
    hearing: Hearing, member: PanelMember
) -> None:
    aliases.set_alias(hearing=hearing, member=member, alias="Voice P", actor=SYSTEM)
    whole, public = document(hearing), document(hearing, in_public=True)
    assert [row["alias"] for row in members_in(whole)].count("Voice P") == 1
    told = repr(public)
    assert "Voice P" in told
    assert member.name not in told


def test_whoever_has_the_seat_is_told_who_sees_which_name(
    hearing: Hearing, member: PanelMember
) -> None:
    panel_seats.seat(hearing=hearing, member=member, email=EMAIL, actor=SYSTEM)
    member.refresh_from_db()
    for alias in ("Voice P", "Voice P", ""):
        aliases.set_alias(hearing=hearing, member=member, alias=alias, actor=SYSTEM)
        member.refresh_from_db()
    told = Message.objects.filter(subject__contains="your public name")
    first, second = told.order_by("queued_at", "pk")
    assert {first.address, second.address} == {EMAIL}
    bodies = f"{first.body}\n{second.body}"
    assert "the public sees “Voice P” instead of your name and title" in bodies
    assert "You no longer have an alias" in bodies
    assert f"/h/{hearing.slug}/public-name/" in first.body


def test_topics_and_descriptions_name_nobody_who_has_an_alias(
    hearing: Hearing, member: PanelMember
) -> None:
    Segment.objects.filter(pk=member.segment_id).update(description=f"With {member.name}.")
    member.topic = f"{member.name}: what I saw"
    member.save()
    aliases.set_alias(hearing=hearing, member=member, alias="Voice P", actor=SYSTEM)
    page = Client().get(f"/h/{hearing.slug}/").content.decode()
    assert "Voice P: what I saw" in page
    assert "With Voice P." in page
    assert member.name not in page
    assert "Voice P: what I saw" in repr(document(hearing, in_public=True))


def test_the_office_is_told_of_a_title_that_names_somebody(
    hearing: Hearing, member: PanelMember
) -> None:
    Segment.objects.filter(pk=member.segment_id).update(title=f"A talk with {member.name}")
    assert list(overview.tasks(hearing, by_real_names=True)) == []
    aliases.set_alias(hearing=hearing, member=member, alias="Voice P", actor=SYSTEM)
    (task,) = overview.tasks(hearing, by_real_names=True)
    assert task.text.startswith(f"“A talk with {member.name}” names someone who has an alias.")
    assert task.url == f"/office/{hearing.slug}/programme/"
