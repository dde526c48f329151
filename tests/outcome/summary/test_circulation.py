"""The published summary is sent to everybody once, with proof of who was sent what."""

from __future__ import annotations

import csv
import io
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from hemicycle.before.registration.models import CoSigner
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import PanelMember
from hemicycle.mail.outgoing import texts, wording
from hemicycle.mail.outgoing.models import Mailing, Message, Unsubscribed
from hemicycle.mail.outgoing.texts import Text
from hemicycle.outcome.summary import actions, circulation
from hemicycle.outcome.summary.document import pdf_of
from hemicycle.outcome.summary.letters import SUMMARY
from hemicycle.outcome.summary.models import Circulation, Summary
from hemicycle.record import clock, erasure
from hemicycle.record.models import Entry
from tests.support.lists import listed_missions

if TYPE_CHECKING:
    from tests.support.finished import Finished

ADDRESS = "mission-of-utopia@hearing.example"


@pytest.fixture
def published(finished: Finished) -> Summary:
    """The hearing's summary, published."""
    actions.draft(hearing=finished.world.hearing, actor=finished.world.office)
    return actions.publish(hearing=finished.world.hearing, actor=finished.world.office)


@pytest.fixture
def listed(finished: Finished) -> None:
    """A distribution list with one new address and the address of a participant."""
    own = finished.world.hearing.registrations.first()
    assert own is not None
    listed_missions(finished.world, ADDRESS, own.person.email.upper(), "")


def messages() -> list[str]:
    rows = Message.objects.filter(purpose=Message.Purpose.SUMMARY)
    return sorted(rows.values_list("address", flat=True))


def test_everybody_is_sent_it_once(finished: Finished, published: Summary, listed: None) -> None:
    act: dict[str, Any] = {"hearing": finished.world.hearing, "actor": finished.world.office}
    made = circulation.circulate(**act)
    expected = sorted(
        {registration.person.email for registration in finished.registrations.values()} | {ADDRESS}
    )
    assert messages() == expected
    with pytest.raises(actions.SummaryRefused, match="already been sent"):
        circulation.circulate(**act)
    entry = Entry.objects.get(hearing=finished.world.hearing.id, seq=made.seq)
    body = entry.fields()
    assert (entry.kind, body["recipients"], len(body["messages"])) == (
        "summary.circulated",
        len(expected),
        len(expected),
    )
    assert (body["missions"], body["listed"]) == (2, 1)
    assert made.digest == sha256(pdf_of(published)).hexdigest()
    assert all(made.digest in row.body for row in Message.objects.filter(purpose="summary"))


def test_panellists_moderators_and_co_signers_are_sent_it_too(
    finished: Finished, published: Summary
) -> None:
    world = finished.world
    panellist = Person.objects.create(name="Mr Panel", email="panel@hearing.example")
    PanelMember.objects.filter(pk=world.panels[0].members.all()[0].pk).update(person=panellist)
    first = world.hearing.registrations.order_by("arrival").first()
    assert first is not None
    for name, state in (("Joins", "consented"), ("Declines", "declined")):
        CoSigner.objects.create(
            registration=first,
            organization_name=name,
            organization_key=name,
            email=f"{name}@hearing.example",
            link_hash=name,
            state=state,
        )
    made = circulation.circulate(hearing=world.hearing, actor=world.office)
    groups = dict(made.recipients.values_list("address", "group"))
    assert groups["panel@hearing.example"] == "panels"
    assert groups["Joins@hearing.example"] == "co-signers"
    assert "Declines@hearing.example" not in groups
    body = Entry.objects.get(hearing=world.hearing.id, seq=made.seq).fields()
    assert (body["panels"], body["co_signers"]) == (1, 1)


def test_it_goes_as_a_letter_to_a_list_in_the_words_of_the_secretariat(
    finished: Finished, published: Summary, listed: None
) -> None:
    hearing, by = finished.world.hearing, finished.world.office
    Unsubscribed.objects.create(hearing_id=hearing.id, address_key=ADDRESS, at=clock.now())
    own = Text("{hearing}: our summary", "Read {link}, digest {digest}.", "en")
    assert texts.faults(SUMMARY, own) == []
    wording.change(hearing=hearing, letter=SUMMARY, language="en", text=own, actor=by)
    made = circulation.circulate(hearing=hearing, actor=by)
    rows = list(Message.objects.filter(purpose=Message.Purpose.SUMMARY))
    assert ADDRESS not in {row.address for row in rows}
    assert circulation.unsubscribed(hearing) == 1
    english = [row for row in rows if row.language == "en"]
    assert english
    assert {row.subject for row in english} == {f"{hearing}: our summary"}
    assert all(row.body.endswith(f"digest {made.digest}.") for row in english)
    mailing = Mailing.objects.get()
    assert (mailing.letter, mailing.addressees) == ("summary", mailing.messages.count())
    assert mailing.addressees == len(rows)


def test_who_joins_later_is_sent_it_and_a_new_version_goes_to_all(
    finished: Finished, published: Summary, request: pytest.FixtureRequest
) -> None:
    act: dict[str, Any] = {"hearing": finished.world.hearing, "actor": finished.world.office}
    circulation.circulate(**act)
    request.getfixturevalue("listed")
    second = circulation.circulate(**act)
    assert [recipient.address for recipient in second.recipients.all()] == [ADDRESS]
    actions.take_back(**act)
    assert len(circulation.pending(Summary.objects.get())) == 8
    section = published.sections.all()[0]
    actions.write(section=section, text="A word more.", actor=finished.world.office)
    actions.publish(**act)
    third = circulation.circulate(**act)
    assert (third.recipients.count(), third.version.number > second.version.number) == (8, True)


def test_nothing_goes_out_before_it_is_published(finished: Finished) -> None:
    act: dict[str, Any] = {"hearing": finished.world.hearing, "actor": finished.world.office}
    for _step in range(2):
        with pytest.raises(actions.SummaryRefused, match="Publish the summary first"):
            circulation.circulate(**act)
        actions.draft(**act)
    assert (messages(), Circulation.objects.count()) == ([], 0)


def test_the_paper_that_was_sent_stays_the_same(finished: Finished, published: Summary) -> None:
    first = pdf_of(published)
    circulation.circulate(hearing=finished.world.hearing, actor=finished.world.office)
    finished.registrations["Paper Only"].delete()
    assert pdf_of(Summary.objects.get()) == first


def test_the_proof_outlives_a_person_without_naming_them(
    finished: Finished, published: Summary
) -> None:
    world = finished.world
    circulation.circulate(hearing=world.hearing, actor=world.office)
    address = finished.person.email
    erasure.erase(hearing=world.hearing.id, person=finished.person.id, actor=world.office)
    [proved] = circulation.proofs(Summary.objects.get())
    states = [recipient["state"] for recipient in proved["recipients"]]
    assert (len(states), states.count("erased")) == (7, 1)
    table = world.client().get(reverse("summary:circulation-csv", args=(world.hearing.slug,)))
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert (len(rows), any(row["Address"] == address for row in rows)) == (7, False)
    assert {row["State"] for row in rows} == {"queued", "erased"}


def test_the_page_sends_and_shows_who_was_sent_what(finished: Finished, published: Summary) -> None:
    client = finished.world.client()
    where = reverse("summary:circulation", args=(finished.world.hearing.slug,))
    before = client.get(where).text
    assert "Send it to 7 recipients" in before
    assert "The message" in before
    done = client.post(where, follow=True).text
    assert "Recipients: 7." in done
    assert finished.person.email in done
    assert "The message" not in done
    assert finished.person.email not in client.get(where, {"q": "Estmere"}).text
    again = client.post(where, follow=True).text
    assert "This version has already been sent to everyone." in again
