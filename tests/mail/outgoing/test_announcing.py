"""The plan changes after people were notified: who gets a letter, about what, and when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext, override

from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.actions import appoint, staff_member
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup import actions, document_mapping, plan_changes
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.hearing.setup.schema import Document
from hemicycle.mail.outgoing import announcing, lists, mailings, wording
from hemicycle.mail.outgoing.actions import OutgoingRefused
from hemicycle.mail.outgoing.models import Message, Unsubscribed
from hemicycle.mail.outgoing.texts import Text
from hemicycle.record import clock, erasure
from hemicycle.record.models import Entry
from tests.support.lists import listed_missions

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.django_db


def change(world: World, edit: object) -> list[str]:
    """Change the programme as the office does; return the sentences that wait to be announced."""
    data = document_mapping.to_document(actions.whole(world.hearing.pk))
    assert callable(edit)
    edit(data)
    actions.change(hearing=world.hearing, data=data, actor=world.office)
    return waiting(world)


def waiting(world: World) -> list[str]:
    hearing = Hearing.objects.get(pk=world.hearing.pk)
    return plan_changes.sentences(hearing, plan_changes.pending(hearing))


def later(data: Document) -> None:
    """Shorten panel 1 by twenty minutes at its end."""
    panel = data["meetings"][0]["segments"][1]
    panel["ends"] -= timedelta(minutes=20)


def shown(world: World) -> str:
    hearing = Hearing.objects.get(pk=world.hearing.pk)
    return plan_changes.digest(plan_changes.pending(hearing))


def announce(world: World) -> list[Message]:
    """Announce the pending changes; return the letters, ordered by address."""
    mailing = announcing.announce(hearing=world.hearing, shown=shown(world), actor=world.office)
    return list(mailing.messages.order_by("address")) if mailing else []


def plan_of(world: World) -> mailings.Plan:
    hearing = Hearing.objects.get(pk=world.hearing.pk)
    return announcing.plan(hearing, plan_changes.pending(hearing))


def addresses(world: World) -> set[str]:
    return {written.to.address for written in plan_of(world).written}


def test_nothing_waits_after_publishing_and_after_words_change(world: World) -> None:
    assert waiting(world) == []

    def reword(data: Document) -> None:
        data["title"] = "Another title"
        data["meetings"][0]["segments"][0]["title"] = "Welcome"

    assert change(world, reword) == []


def test_a_panels_change_concerns_those_on_it_and_those_who_follow_all(world: World) -> None:
    first = world.ngo("Open Doors", 0)
    second = world.ngo("Lake Watch", 1)
    listener = world.ngo("Listeners")
    booth = staff_member(name="Booth", email="booth@hearing.example")
    appoint(person=booth, hearing_id=world.hearing.pk, role=Role.INTERPRETER, actor=world.office)
    (sentence,) = change(world, later)
    assert "now ends: 13 July 2021, 11:40" in sentence
    concerned = addresses(world)
    assert {first.person.email, listener.person.email, booth.email} <= concerned
    assert second.person.email not in concerned


def invite(world: World, address: str, state: str = "sent", language: str = "en") -> None:
    now = clock.now()
    Message.objects.create(
        hearing_id=world.hearing.pk,
        address=address,
        purpose=Message.Purpose.INVITATION,
        language=language,
        subject="Invitation",
        body="You are invited.",
        state=state,
        queued_at=now,
        due_at=now,
    )


def test_those_who_are_invited_and_have_not_registered_are_told_too(world: World) -> None:
    listed_missions(world, "invited@example.org")
    invite(world, "Invited@example.org", language="fr")
    invite(world, "waiting@example.org", "queued")
    for state in ("bounced", "failed", "cancelled"):
        invite(world, f"{state}@example.org", state)
    invite(world, "left@example.org")
    Unsubscribed.objects.create(
        hearing_id=world.hearing.pk, address_key="left@example.org", at=clock.now()
    )
    registered = world.ngo("Lake Watch", 1)
    withdrawn = world.ngo("Gone", 1)
    for row in (registered, withdrawn):
        invite(world, row.person.email.upper())
    Registration.objects.filter(pk=withdrawn.pk).update(status=Registration.Status.WITHDRAWN)
    change(world, later)
    (mission,) = [
        written.to for written in plan_of(world).written if "invited" in written.to.address.lower()
    ]
    assert (mission.language, bool(mission.organization)) == ("fr", True)
    found = {address.lower() for address in addresses(world)}
    assert {"invited@example.org", "waiting@example.org"} <= found
    nobody = {f"{state}@example.org" for state in ("bounced", "failed", "cancelled", "left")}
    assert not found & nobody
    assert registered.person.email.lower() not in found  # only the other panel has changed
    assert withdrawn.person.email.lower() not in found


def test_a_moved_day_is_said_once_and_concerns_everybody(world: World) -> None:
    people = {world.ngo("Open Doors", 0).person.email, world.ngo("Lake Watch", 1).person.email}
    actions.move(hearing=world.hearing, first_day=date(2021, 7, 20), actor=world.office)
    said = waiting(world)
    assert [sentence.partition(" ")[0] for sentence in said] == [
        "Morning",
        "Afternoon",
        *["New"] * 2,
    ]
    assert people <= addresses(world)


def test_moderators_are_named_as_they_are_now_and_by_their_alias(world: World) -> None:
    world.ngo("Open Doors", 0)

    def replace(data: Document) -> None:
        members = data["meetings"][0]["segments"][1]["members"]
        members[0] |= {"name": "Nadia Real", "alias": "Chair A"}

    (sentence,) = change(world, replace)
    assert "Chair A" in sentence
    assert "Nadia" not in sentence
    (letter, *_) = announce(world)
    assert sentence in letter.body
    assert "Nadia" not in letter.body


def test_an_alias_alone_is_no_change(world: World) -> None:
    def hide(data: Document) -> None:
        data["meetings"][0]["segments"][1]["members"][0]["alias"] = "Chair A"

    assert change(world, hide) == []


def test_an_erased_panellist_leaves_no_change_behind(world: World) -> None:
    seat = PanelMember.objects.filter(segment=world.panels[0]).first()
    assert seat is not None
    seat.person = staff_member(name=seat.name, email="seat@hearing.example")
    seat.save()
    erasure.erase(hearing=world.hearing.pk, person=seat.person.pk, actor=world.office)
    assert waiting(world) == []


def test_each_gets_one_letter_about_what_concerns_them_and_it_is_held(world: World) -> None:
    row = world.ngo("Open Doors", 0)
    Unsubscribed.objects.create(
        hearing_id=world.hearing.pk, address_key=row.person.email.casefold(), at=clock.now()
    )
    said = change(world, later)
    letters = announce(world)
    (mine,) = [letter for letter in letters if letter.address == row.person.email]
    assert "13 July 2021" in mine.body
    assert "15:40 UTC" in mine.body
    held = timedelta(minutes=settings.MAIL_HOLD_MINUTES)
    assert mine.due_at == clock.now() + held
    assert waiting(world) == []
    assert said != []
    entry = Entry.objects.get(kind="plan.announced")
    assert entry.fields() == {"changes": 1, "recipients": len(letters)}


def test_pages_show_what_was_announced_until_it_is_over(world: World) -> None:
    (sentence,) = change(world, later)
    page = f"/h/{world.hearing.slug}/"
    assert "The plan has changed" not in Client().get(page).text
    announce(world)
    assert sentence in Client().get(page).text
    world.clock.move_to(clock.to_ms(world.panels[-1].ends_at + timedelta(hours=1)))
    assert "The plan has changed" not in Client().get(page).text


def test_the_office_may_keep_quiet(world: World) -> None:
    world.ngo("Open Doors", 0)
    change(world, later)
    before = Message.objects.count()
    announcing.keep_quiet(hearing=world.hearing, shown=shown(world), actor=world.office)
    assert Message.objects.count() == before
    assert waiting(world) == []
    assert "The plan has changed" not in Client().get(f"/h/{world.hearing.slug}/").text
    assert Entry.objects.filter(kind="plan.kept_quiet").count() == 1


def test_two_officers_announce_once(world: World) -> None:
    world.ngo("Open Doors", 0)
    change(world, later)
    seen = shown(world)
    assert announcing.announce(hearing=world.hearing, shown=seen, actor=world.office) is not None
    with pytest.raises(OutgoingRefused, match="nothing to announce"):
        announcing.announce(hearing=world.hearing, shown=seen, actor=world.office)


def test_each_officer_reads_in_their_language_who_was_written_to(world: World) -> None:
    world.ngo("Open Doors", 0)
    change(world, later)
    with override("ar"):
        mailing = announcing.announce(hearing=world.hearing, shown=shown(world), actor=world.office)
    assert mailing is not None
    english = "Changes of plan: people affected"
    page = f"/office/{world.hearing.slug}/letters/to-lists/{mailing.pk}/"
    assert english in world.client().get(page).text
    assert english not in world.client().get(page, headers={"Accept-Language": "ar"}).text
    with override("ar"):
        assert lists.stored_name(mailing) == gettext(english) != english


def test_what_changed_since_it_was_shown_is_not_announced(world: World) -> None:
    change(world, later)
    seen = shown(world)
    change(world, later)
    with pytest.raises(OutgoingRefused, match="changed again"):
        announcing.announce(hearing=world.hearing, shown=seen, actor=world.office)


def test_postponing_and_cancelling_are_announced(world: World) -> None:
    row = world.ngo("Open Doors", 0)
    actions.postpone(hearing=world.hearing, actor=world.office)
    assert waiting(world) == ["The hearing is postponed. New dates will be announced."]
    announce(world)
    actions.keep_dates(hearing=world.hearing, actor=world.office)
    assert waiting(world) == ["The hearing takes place on the dates in the programme."]
    announce(world)
    actions.end(hearing=world.hearing, actor=world.office)
    assert waiting(world) == ["The hearing is cancelled."]
    assert row.person.email in addresses(world)


def test_the_preview_counts_as_the_letters_go_and_shows_each_language(world: World) -> None:
    french = world.ngo("Portes ouvertes", 0)
    french.person.language = "fr"
    french.person.save()
    for name in ("Open Doors", "Lake Watch"):
        world.ngo(name, 0)
    change(world, later)
    hearing = Hearing.objects.get(pk=world.hearing.pk)
    changes = plan_changes.pending(hearing)
    shown = announcing.preview(hearing, changes)
    assert shown.count(changes[0]) == len(shown.people) == plan_of(world).count
    numbers = {sample.language: sample.count for sample in shown.samples}
    assert numbers == {sample.language: sample.count for sample in plan_of(world).samples}
    assert numbers["fr"] == 1
    assert [sample.text and sample.text.language for sample in shown.samples] == list(numbers)


def test_the_preview_shows_what_each_audience_reads(world: World) -> None:
    for name in ("Open Doors", "Lake Watch"):
        world.ngo(name, 0)
    world.mission("Estmere", 0)
    for audience, subject in (("", "All"), ("missions", "States")):
        wording.change(
            hearing=world.hearing,
            letter=announcing.LETTER,
            language="en",
            text=Text(subject, "{changes} {link}"),
            actor=world.office,
            audience=audience,
        )
    change(world, later)
    hearing = Hearing.objects.get(pk=world.hearing.pk)
    shown = announcing.preview(hearing, plan_changes.pending(hearing))
    found = {sample.audience: sample for sample in shown.samples}
    subjects = {audience: sample.text and sample.text.subject for audience, sample in found.items()}
    assert subjects == {"": "All", "missions": "States"}
    assert found["missions"].count == 1
    assert found[""].count == len(shown.people) - 1


def test_the_preview_writes_one_letter_for_each_language(world: World) -> None:
    world.ngo("Open Doors 0", 0)
    change(world, later)
    page, client = f"/office/{world.hearing.slug}/changes/", world.client()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(page)
        return len(captured)

    queries()
    few = queries()
    for number in range(1, 5):
        world.ngo(f"Open Doors {number}", 0)
    assert queries() == few


def test_the_page_shows_whom_it_concerns_and_announces_in_one_press(world: World) -> None:
    world.ngo("Open Doors", 0)
    client, page = world.client(), f"/office/{world.hearing.slug}/changes/"
    assert "No changes to announce" in client.get(page).text
    (sentence,) = change(world, later)
    opened = client.get(page).text
    assert sentence in opened
    assert page in client.get(f"/office/{world.hearing.slug}/").text
    answer = client.post(page, {"shown": shown(world)})
    assert "/letters/to-lists/" in answer["Location"]
    stale = client.post(page, {"shown": "0" * 32}, follow=True)
    assert "There is nothing to announce any more." in stale.text
