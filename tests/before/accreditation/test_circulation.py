"""Letters about no-objection lists: previewed, held and recalled; lists corrected and withdrawn."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from docx import Document

from hemicycle.before.accreditation import circulation, editions, objections, paper
from hemicycle.before.accreditation.models import Edition, EditionCopy, LeftOut, Objection
from hemicycle.before.registration import aliases, links
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.hearing.people.models import Person
from hemicycle.mail.outgoing import actions as outgoing
from hemicycle.mail.outgoing import holding, letterheads
from hemicycle.mail.outgoing.delivery import claims
from hemicycle.mail.outgoing.letterheads import LetterheadText
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock, erasure
from hemicycle.record.models import Entry, Note
from tests.before.accreditation.people import frozen, step, subjects
from tests.support.lists import listed_missions

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.lists import World

HOLD_MS = settings.MAIL_HOLD_MINUTES * 60_000
SENT = Message.State.SENT


@pytest.fixture
def listing(world: World, steps: Callable[..., None]) -> World:
    steps(no_objection=True)
    return world


def names(edition: Edition) -> list[tuple[int, str]]:
    return list(edition.lines.order_by("ordinal").values_list("ordinal", "organization"))


def leave_out(world: World, edition: Edition, name: str, reason: str = "A double.") -> None:
    line = edition.lines.get(organization=name).pk
    editions.leave_out(edition=edition, line=line, reason=reason, actor=world.office)


def out(world: World, edition: Edition) -> Edition:
    """Circulate the list, send its letters, and return it."""
    circulation.circulate(edition=edition, actor=world.office)
    return sent(world, edition)


def sent(world: World, edition: Edition) -> Edition:
    Message.objects.filter(state=Message.State.QUEUED).update(state=SENT, sent_at=clock.now())
    world.clock.advance(HOLD_MS)
    return edition


def corrected(world: World, edition: Edition, *, with_new: bool = True) -> Edition:
    deadline = edition.deadline + timedelta(days=1)
    return editions.correct(
        edition=edition, deadline=deadline, with_new=with_new, actor=world.office
    )


def object_to(world: World, edition: Edition, name: str, mission: str = "Sudmere") -> Objection:
    return objections.enter(
        edition=edition,
        line=edition.lines.get(organization=name).pk,
        mission=mission,
        received_at=clock.now(),
        reason="Not known to us.",
        entered_by=world.secretary,
        actor=world.office,
    )


def to_missions(edition: Edition) -> list[Message]:
    rows = Message.objects.filter(purpose="no-objection", once__contains=edition.id.hex)
    return list(rows.exclude(state="cancelled").order_by("queued_at", "address"))


@pytest.mark.any_database
def test_a_list_leaves_out_organizations_before_it_is_circulated(listing: World) -> None:
    rows = [listing.ngo(name) for name in ("A", "B", "C", "D")]
    listing.mission("Estmere")
    edition = frozen(listing)
    with pytest.raises(RegistrationRefused) as refused:
        leave_out(listing, edition, "B", " ")
    assert refused.value.field == "reason"
    leave_out(listing, edition, "B")
    assert names(edition) == [(1, "A"), (2, "C"), (3, "D")]
    assert (step(rows[1]), step(rows[2])) == ("to-be-listed", "listed")
    entry = Entry.objects.get(kind="no_objection.left_out").fields()
    assert (entry["lines"], entry["registration"]) == (3, rows[1].id.hex)
    edition.refresh_from_db()
    assert entry["digest"] == edition.digest == editions.digest(edition.lines.order_by("ordinal"))
    assert Note.objects.get(key=entry["reason"]).text == "A double."
    out(listing, edition)
    with pytest.raises(RegistrationRefused):
        leave_out(listing, edition, "A")
    assert all("A double." not in message.body for message in Message.objects.all())
    (copy,) = EditionCopy.objects.all()
    page = listing.client().get(f"/no-objection/{links.derive(copy.id, 1)}/").content.decode()
    assert ("A double." in page, "<bdi>B</bdi>" in page) == (False, False)


def test_what_was_objected_to_or_stands_alone_is_not_left_out(listing: World) -> None:
    listing.ngo("A")
    listing.ngo("B")
    edition = frozen(listing)
    object_to(listing, edition, "A")  # as if the list had reached the mission in another way
    with pytest.raises(RegistrationRefused, match="objection to this organization"):
        leave_out(listing, edition, "A")
    with pytest.raises(RegistrationRefused, match="objections"):
        editions.discard(edition=edition, reason="Wrong.", actor=listing.office)
    leave_out(listing, edition, "B")
    Objection.objects.all().delete()
    with pytest.raises(RegistrationRefused, match="only organization"):
        leave_out(listing, edition, "A")


def test_the_reason_to_leave_out_is_erased_with_the_person(listing: World) -> None:
    row, _other = listing.ngo("A"), listing.ngo("B")
    edition = frozen(listing)
    leave_out(listing, edition, "A", "Ana Ruiz is not known there.")
    erasure.erase(hearing=listing.hearing.id, person=row.person_id, actor=listing.office)
    key = LeftOut.objects.get().reason
    assert not Note.objects.filter(key=key, text__contains="Ana").exists()


def test_a_discarded_list_frees_its_organizations(listing: World) -> None:
    row = listing.ngo("A")
    edition = frozen(listing)
    editions.discard(edition=edition, reason="The wrong day.", actor=listing.office)
    assert (step(row), edition.state) == ("to-be-listed", "list_discarded")
    for act in (
        lambda: circulation.circulate(edition=edition, actor=listing.office),
        lambda: object_to(listing, edition, "A"),
        lambda: editions.discard(edition=edition, reason="Again.", actor=listing.office),
        lambda: circulation.withdraw(edition=edition, reason="No.", actor=listing.office),
    ):
        with pytest.raises(RegistrationRefused):
            act()
    listing.clock.advance(4 * 86_400_000)
    with pytest.raises(RegistrationRefused):
        editions.close(edition=edition, decided_by=listing.secretary, actor=listing.office)
    assert (frozen(listing).number, step(row)) == (2, "listed")
    assert not Message.objects.filter(purpose="no-objection").exists()


@pytest.mark.any_database
def test_a_corrected_list_says_what_changed_and_keeps_objections(listing: World) -> None:
    kept, renamed, gone = (listing.ngo(name) for name in ("Kept", "Renamd", "Gone"))
    listing.mission("Estmere")
    first = out(listing, frozen(listing))
    made = object_to(listing, first, "Kept")
    off = object_to(listing, first, "Gone")
    listing.ngo("New")
    renamed.organization.name = "Renamed"
    renamed.organization.save()
    listing.clock.advance(1000)
    second = corrected(listing, first)
    leave_out(listing, second, "Gone", "Sent us a letter.")
    assert step(gone) == "objected"  # the first list counts until the second is circulated
    with pytest.raises(RegistrationRefused, match="before it"):
        object_to(listing, second, "New")
    circulation.circulate(edition=second, actor=listing.office)
    first.refresh_from_db()
    made.refresh_from_db()
    off.refresh_from_db()
    assert (first.state, second.state) == ("list_replaced", "circulated")
    assert (made.line.edition, off.line.edition) == (second, first)
    assert (step(kept), step(renamed), step(gone)) == ("objected", "listed", "to-be-listed")
    entry = Entry.objects.get(kind="no_objection.replaced").fields()
    said = {name: entry[name] for name in ("added", "removed", "corrected", "objections")}
    assert said == {"added": 1, "removed": 1, "corrected": 1, "objections": 1}
    (letter,) = to_missions(second)
    assert letter.subject.startswith("No-objection list 2 replaces list 1")
    assert "Added: 1\nRemoved: 1\nCorrected: 1" in letter.body
    assert "Renamed" not in letter.body  # names are on the page, where an alias can change them
    assert subjects(gone)[-1] == "no-objection list"
    with pytest.raises(RegistrationRefused, match="replaced this one"):
        object_to(listing, first, "Renamd")


def test_a_mission_reads_on_both_lists_what_changed(listing: World) -> None:
    row = listing.ngo("Renamd", country="FR")
    other = listing.ngo("Gone")
    listing.mission("Estmere")
    first = out(listing, frozen(listing))
    row.organization.name = "Renamed"
    row.organization.save()
    second = corrected(listing, first)
    leave_out(listing, second, "Gone", "Sent us a letter.")
    out(listing, second)
    old, new = (
        f"/no-objection/{links.derive(edition.copies.get().id, 1)}/" for edition in (first, second)
    )
    client = listing.client()
    before, now = (client.get(address).content.decode() for address in (old, new))
    assert (f"{new}" in before, "Submit objection" in before) == (True, False)
    assert ("Submit objection" in now, "Sent us a letter." in now) == (True, False)
    assert ("Renamd" in now, "Renamed" in now, "Gone" in now) == (True, True, True)
    line = str(first.lines.get(registration=row).pk)
    late = client.post(old, {"line": line, "reason": "We do not know them."})
    assert (late.status_code, Objection.objects.count()) == (422, 0)
    word = Document(BytesIO(client.get(f"{new}list.docx").content))
    text = "\n".join(part.text for part in word.paragraphs)
    assert "Corrected: Renamed (before: Renamd · France" in text
    aliases.set_alias(registration=other, alias="Voice A", actor=listing.office)
    assert "Gone" not in client.get(new).content.decode()


def test_a_corrected_list_goes_to_all_that_have_the_first(listing: World) -> None:
    listing.ngo("A")
    estmere = listing.mission("Estmere")
    first = out(listing, frozen(listing))
    Registration.objects.filter(pk=estmere.pk).update(status="withdrawn")
    listed_missions(listing, "new@example.org")
    second = corrected(listing, first)
    assert circulation.circulate(edition=second, actor=listing.office) == 2
    subjects = {message.address: message.subject for message in to_missions(second)}
    assert subjects[estmere.person.email].startswith("No-objection list 2 replaces list 1")
    assert subjects["new@example.org"].startswith("No-objection list 2: ")


def test_a_correction_takes_no_time_from_the_missions(listing: World) -> None:
    listing.ngo("A")
    listing.mission("Estmere")
    first = frozen(listing)
    with pytest.raises(RegistrationRefused):
        corrected(listing, first)
    out(listing, first)
    earlier = first.deadline - timedelta(seconds=1)
    with pytest.raises(RegistrationRefused) as refused:
        editions.correct(edition=first, deadline=earlier, with_new=False, actor=listing.office)
    assert refused.value.field == "day"
    second = corrected(listing, first)
    with pytest.raises(RegistrationRefused, match="already been created"):
        corrected(listing, first)
    editions.discard(edition=second, reason="Not needed.", actor=listing.office)
    assert corrected(listing, first).number == 3


def test_a_withdrawn_list_says_so_and_frees_its_organizations(listing: World) -> None:
    row = listing.ngo("A")
    listing.mission("Estmere")
    edition = frozen(listing)
    circulation.circulate(edition=edition, actor=listing.office)
    with pytest.raises(RegistrationRefused, match="recall"):
        circulation.withdraw(edition=edition, reason="Wrong.", actor=listing.office)
    sent(listing, edition)
    made = object_to(listing, edition, "A")
    with pytest.raises(RegistrationRefused) as refused:
        circulation.withdraw(edition=edition, reason=" ", actor=listing.office)
    assert refused.value.field == "reason"
    assert circulation.withdraw(edition=edition, reason="Wrong list.", actor=listing.office) == 1
    letter = to_missions(edition)[-1]
    assert letter.subject.startswith("No-objection list 1 is withdrawn")
    assert "Reason: Wrong list." in letter.body
    assert holding.held(Message.objects.filter(pk=letter.pk)).exists()
    assert (step(row), Objection.objects.get()) == ("to-be-listed", made)
    assert "no longer on no-objection list 1" in _last_body(row)
    with pytest.raises(RegistrationRefused):
        object_to(listing, edition, "A", "Estmere")
    frozen(listing)
    with pytest.raises(RegistrationRefused, match="later one"):
        circulation.recall(edition=edition, actor=listing.office)


def _last_body(row: Registration) -> str:
    rows = Message.objects.filter(person=row.person, once__startswith="no-objection:")
    return rows.latest("queued_at").body


@pytest.mark.any_database
def test_held_letters_are_recalled_and_the_list_can_be_sent_again(listing: World) -> None:
    row = listing.ngo("A")
    listing.mission("Estmere")
    edition = frozen(listing)
    circulation.circulate(edition=edition, actor=listing.office)
    assert circulation.recall(edition=edition, actor=listing.office) == 2
    edition.refresh_from_db()
    assert (edition.state, edition.copies.count(), step(row)) == ("frozen", 0, "listed")
    assert circulation.circulate(edition=edition, actor=listing.office) == 1
    assert len(to_missions(edition)) == 1
    circulation.release(edition=edition, actor=listing.office)
    sent(listing, edition)
    with pytest.raises(RegistrationRefused, match="have been sent"):
        circulation.recall(edition=edition, actor=listing.office)
    with pytest.raises(RegistrationRefused):
        circulation.release(edition=edition, actor=listing.office)


def test_a_recalled_correction_gives_the_first_list_back(listing: World) -> None:
    row = listing.ngo("A")
    listing.mission("Estmere")
    first = out(listing, frozen(listing))
    made = object_to(listing, first, "A")
    listing.clock.advance(1000)
    second = corrected(listing, first)
    circulation.circulate(edition=second, actor=listing.office)
    circulation.recall(edition=second, actor=listing.office)
    first.refresh_from_db()
    made.refresh_from_db()
    assert (first.state, made.line.edition, step(row)) == ("circulated", first, "objected")
    circulation.circulate(edition=second, actor=listing.office)
    listing.clock.advance(1000)
    object_to(listing, second, "A", "Estmere")
    with pytest.raises(RegistrationRefused, match="already been received"):
        circulation.recall(edition=second, actor=listing.office)


def test_a_list_on_paper_has_letterhead_signature_and_reference(listing: World) -> None:
    """A recalled list keeps its reference number; its correction gets another one."""
    words = LetterheadText("Office of the President", "1 Main Street", "A. Signatory", "Chief")
    letterheads.change(hearing=listing.hearing, language="", text=words, actor=listing.office)
    letterheads.number_from(
        hearing=listing.hearing, pattern="ABC/{number}", following=5, actor=listing.office
    )
    listing.ngo("A")
    listing.mission("Estmere")
    edition = frozen(listing)
    circulation.circulate(edition=edition, actor=listing.office)
    circulation.recall(edition=edition, actor=listing.office)
    correction = corrected(listing, out(listing, edition))
    for one, reference in ((edition, "ABC/5"), (correction, "ABC/6")):
        composed = paper.compose(one)
        assert ("Reference", reference) in composed.facts
        assert composed.letterhead == ("Office of the President", "1 Main Street")
        assert composed.signature == ("A. Signatory", "Chief")


def test_a_list_gets_its_reference_at_the_latest_when_it_is_circulated(listing: World) -> None:
    listing.ngo("A")
    listing.mission("Estmere")
    edition = frozen(listing)
    letterheads.number_from(
        hearing=listing.hearing, pattern="ABC/{number}", following=1, actor=listing.office
    )
    assert "Reference" not in dict(paper.compose(edition).facts)
    circulation.circulate(edition=edition, actor=listing.office)
    assert ("Reference", "ABC/1") in paper.compose(edition).facts
    assert [message.reference for message in to_missions(edition)] == ["ABC/1"]


def test_one_letter_that_has_gone_keeps_the_list_out(listing: World) -> None:
    listing.ngo("A")
    listing.mission("Estmere")
    edition = frozen(listing)
    circulation.circulate(edition=edition, actor=listing.office)
    Message.objects.filter(purpose="no-objection").update(state=SENT)
    with pytest.raises(RegistrationRefused, match="have been sent"):
        circulation.recall(edition=edition, actor=listing.office)


def test_letters_tell_each_reader_their_own_time(listing: World) -> None:
    listing.ngo("A")
    estmere = listing.mission("Estmere")
    Person.objects.filter(pk=estmere.person_id).update(time_zone="Asia/Tokyo")
    listed_missions(listing, "nobody@example.org")
    Person.objects.filter(pk=listing.secretary.pk).update(time_zone="Europe/Paris")
    edition = frozen(listing)
    listing.secretary.refresh_from_db()
    base = f"/office/{listing.hearing.slug}/review/no-objection/1/circulate/"
    assert listing.client().post(base, {"count": "2"}).status_code == 302
    bodies = {message.address: message.body for message in to_missions(edition)}
    assert ("your time" in bodies[estmere.person.email]) is True
    assert (
        "your time" in bodies["nobody@example.org"],
        " UTC" in bodies["nobody@example.org"],
    ) == (
        False,
        True,
    )


def test_the_office_sees_the_letters_before_they_go(listing: World) -> None:
    listing.ngo("A")
    listing.ngo("B")
    estmere, copperfell = listing.mission("Estmere"), listing.mission("Copperfell")
    Person.objects.filter(pk=copperfell.person_id).update(language="fr")
    frozen(listing)
    client, base = listing.client(), f"/office/{listing.hearing.slug}/review/no-objection/1/"
    line = str(Edition.objects.get().lines.get(organization="B").pk)
    assert client.get(f"{base}?line={line}").status_code == 200
    assert client.post(f"{base}leave-out/", {"line": line}).status_code == 422
    assert client.post(f"{base}leave-out/", {"line": line, "reason": "Twice."}).status_code == 302
    assert "Twice." in client.get(base).content.decode()
    page = client.get(f"{base}circulate/").content.decode()
    shown = (estmere.person.email, copperfell.person.email, "No-objection list 1", 'lang="fr"')
    assert [words for words in shown if words not in page] == []
    assert Message.objects.filter(purpose="no-objection").count() == 0
    client.post(f"{base}circulate/", {"count": "1"})  # not the number that the page showed
    assert Message.objects.filter(purpose="no-objection").count() == 0
    client.post(f"{base}circulate/", {"count": "2"})
    client.post(f"{base}circulate/", {"count": "2"})  # the button is pressed twice
    assert Message.objects.filter(purpose="no-objection").count() == 2
    assert client.post(f"{base}hold/", {"act": "stop"}).status_code == 302
    assert Edition.objects.get().state == "frozen"
    client.post(f"{base}circulate/", {"count": "2"})
    client.post(f"{base}hold/", {"act": "release"})
    sent(listing, Edition.objects.get())
    preview = client.post(f"{base}withdraw/", {"act": "preview", "reason": "The wrong list."})
    assert "Reason: The wrong list." in preview.content.decode()
    assert Edition.objects.get().withdrawn_at is None
    until = clock.now().astimezone(listing.hearing.zone) + timedelta(days=9)
    typed = {"day": f"{until:%Y-%m-%d}", "time": "17:00", "with_new": "on"}
    made = client.post(f"{base}correct/", typed)
    assert made.headers["location"].endswith("/no-objection/2/")
    assert client.post(f"{base}correct/", typed).status_code == 422
    said = {"act": "withdraw", "reason": "The wrong list.", "count": "2"}
    assert client.post(f"{base}withdraw/", said).status_code == 422  # a correction exists
    second = base.replace("/1/", "/2/")
    assert client.post(f"{second}discard/", {"reason": ""}).status_code == 422
    assert client.post(f"{second}discard/", {"reason": "No."}).status_code == 302
    assert client.post(f"{base}withdraw/", said).status_code == 302
    assert Edition.objects.get(number=1).state == "list_withdrawn"


def outbox_cancels(world: World) -> None:
    """Cancel as an officer, in the outbox, the letters that have not been sent."""
    where = f"/office/{world.hearing.slug}/outbox/cancel/?purpose=no-objection"
    assert "cancelled" in world.client().post(where, follow=True).text


@pytest.mark.any_database
def test_a_list_whose_letters_were_all_cancelled_is_sent_after_all_or_recalled(
    listing: World,
) -> None:
    row = listing.ngo("A")
    listing.mission("Estmere")
    edition = frozen(listing)
    circulation.circulate(edition=edition, actor=listing.office)
    listing.clock.advance(HOLD_MS)
    outbox_cancels(listing)
    base = f"/office/{listing.hearing.slug}/review/no-objection/1/"
    page = listing.client().get(base).text
    assert ("before one was sent" in page, "Send 1 letter<" in " ".join(page.split())) == (
        True,
        False,
    )
    with pytest.raises(RegistrationRefused, match="recall"):
        circulation.withdraw(edition=edition, reason="Wrong.", actor=listing.office)
    listing.client().post(f"{base}hold/", {"act": "resend"})
    assert [message.state for message in to_missions(edition)] == ["queued"]
    outbox_cancels(listing)
    listing.client().post(f"{base}hold/", {"act": "stop"})
    edition.refresh_from_db()
    assert (edition.state, edition.copies.count(), step(row)) == ("frozen", 0, "listed")
    with pytest.raises(RegistrationRefused, match="can be sent"):
        circulation.resend(edition=edition, actor=listing.office)


def test_the_page_of_a_list_says_who_does_not_know_of_it(listing: World) -> None:
    listing.ngo("A")
    for name in ("Estmere", "Sudmere", "Normere"):
        listing.mission(name)
    edition = frozen(listing)
    circulation.circulate(edition=edition, actor=listing.office)
    listing.clock.advance(HOLD_MS)
    gone = to_missions(edition)[0]
    Message.objects.filter(pk=gone.pk).update(state=SENT, sent_at=clock.now())
    outbox_cancels(listing)
    base = f"/office/{listing.hearing.slug}/review/no-objection/1/"
    page = listing.client().get(base).text
    number = circulation.letters_left(edition).cancelled
    assert f"{number} letters were cancelled in the outbox." in page
    assert "Recall the list" not in page
    listing.client().post(f"{base}hold/", {"act": "resend"})
    assert len(to_missions(edition)) == 3
    assert "cancelled in the outbox" not in listing.client().get(base).text


def test_letters_that_wait_for_the_mail_server_are_not_held(listing: World) -> None:
    listing.ngo("A")
    listing.mission("Estmere")
    edition = frozen(listing)
    circulation.circulate(edition=edition, actor=listing.office)
    listing.clock.advance(HOLD_MS)
    claims.claim("sender", 10)
    claims.release("sender", why="refused", again_at=clock.now() + timedelta(minutes=2))
    assert not circulation.held(edition).exists()
    page = listing.client().get(f"/office/{listing.hearing.slug}/review/no-objection/1/").text
    assert ("They wait for the mail server" in page, "are held until" in page) == (True, False)
    assert circulation.recall(edition=edition, actor=listing.office) == 2


def test_the_outbox_sends_no_letter_of_a_list_that_was_recalled(listing: World) -> None:
    listing.ngo("A")
    listing.mission("Estmere")
    edition = frozen(listing)
    circulation.circulate(edition=edition, actor=listing.office)
    letters = to_missions(edition)
    circulation.recall(edition=edition, actor=listing.office)
    office = listing.client()
    for letter in letters:
        page = f"/office/{listing.hearing.slug}/outbox/{letter.pk}/"
        said = office.post(f"{page}act/", {"act": "retry"}, follow=True).text
        assert "the link in the letter no longer works" in said
        letter.refresh_from_db()
        assert letter.state == Message.State.CANCELLED
    circulation.circulate(edition=edition, actor=listing.office)
    listing.clock.advance(HOLD_MS)
    outbox_cancels(listing)
    cancelled = Message.objects.filter(purpose="no-objection", state="cancelled")
    again = cancelled.exclude(pk__in=[letter.pk for letter in letters])[0]
    outgoing.retry(message=again, actor=listing.office)  # its list is not recalled
