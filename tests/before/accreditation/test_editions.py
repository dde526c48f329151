"""No-objection lists: who is on them, and how they are sent, objected to, settled and accepted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from docx import Document
from pypdf import PdfReader

from hemicycle.before.accreditation import approvals, circulation, editions, objections
from hemicycle.before.accreditation.erasing import erase_copies
from hemicycle.before.accreditation.letters import CIRCULATED
from hemicycle.before.accreditation.models import Approval, Edition, EditionCopy, Objection
from hemicycle.before.consent import actions as consents
from hemicycle.before.consent import queries
from hemicycle.before.consent.models import Use
from hemicycle.before.registration import aliases, links, review
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.hearing.people.models import Person
from hemicycle.mail.outgoing.models import Message, Wording
from hemicycle.record import clock, erasure, writer
from hemicycle.record.models import Entry, Note
from tests.before.accreditation.people import asked, frozen, named, step, subjects
from tests.support.lists import listed_missions

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.postgresql("json")

State = Objection.State
DAY_MS = 86_400_000


@pytest.fixture
def listing(world: World, steps: Callable[..., None]) -> World:
    steps(no_objection=True)
    return world


def object_to(
    world: World, edition: Edition, row: Registration, mission: str = "Sudmere"
) -> Objection:
    return objections.enter(
        edition=edition,
        line=edition.lines.get(registration=row).pk,
        mission=mission,
        received_at=clock.now(),
        reason="Not known to us.",
        entered_by=world.secretary,
        actor=world.office,
    )


def settle(world: World, objection: Objection, state: Objection.State) -> None:
    objections.settle(
        objection=objection,
        state=state,
        reason="After consultations.",
        settled_by=world.secretary,
        actor=world.office,
    )


def close(world: World, edition: Edition) -> int:
    return editions.close(edition=edition, decided_by=world.secretary, actor=world.office)


def statuses(*rows: Registration) -> list[str]:
    for row in rows:
        row.refresh_from_db()
    return [row.status for row in rows]


def test_a_list_takes_who_qualifies_and_never_changes(
    listing: World, steps: Callable[..., None]
) -> None:
    steps(focal_point=True)
    named(listing)
    zeta, alpha = listing.ngo("Zeta"), listing.ngo("Alpha")
    listing.ngo("Not approved yet")
    for row in (zeta, alpha):
        approvals.answer(approval=asked(row), state=Approval.State.APPROVED, reason="")
    edition = frozen(listing)
    lines = list(edition.lines.values_list("ordinal", "organization"))
    assert lines == [(1, "Alpha"), (2, "Zeta")]
    alpha.organization.name = "Renamed"
    alpha.organization.save()
    again = Edition.objects.get(number=1)
    assert list(again.lines.values_list("ordinal", "organization")) == lines
    entry = Entry.objects.get(kind="no_objection.frozen")
    assert entry.fields()["digest"] == editions.digest(again.lines.all())
    with pytest.raises(RegistrationRefused):
        frozen(listing)
    assert (step(alpha), Edition.objects.count()) == ("listed", 1)


def test_it_is_circulated_once_to_each_address(listing: World) -> None:
    row = listing.ngo("Alpha")
    edition = frozen(listing)
    with pytest.raises(RegistrationRefused):
        circulation.circulate(edition=edition, actor=listing.office)
    estmere, sudmere = listing.mission("Estmere"), listing.mission("Sudmere")
    listed_missions(listing, estmere.person.email.upper(), "third@example.org", "")
    assert circulation.circulate(edition=edition, actor=listing.office) == 3
    letters = Message.objects.filter(purpose="no-objection").order_by("address")
    expected = sorted([estmere.person.email, sudmere.person.email, "third@example.org"])
    assert [letter.address for letter in letters] == expected
    with pytest.raises(RegistrationRefused):
        circulation.circulate(edition=edition, actor=listing.office)
    assert subjects(row)[-1] == "no-objection list"


def test_missions_are_written_to_in_the_words_of_the_secretariat(listing: World) -> None:
    listing.ngo("Alpha")
    listing.mission("Estmere")
    sudmere, egypt = listing.mission("Sudmere"), listing.mission("Egypt")
    # There is no translation for this language.
    Person.objects.filter(pk=sudmere.person_id).update(language="pt")
    Person.objects.filter(pk=egypt.person_id).update(language="ar")
    words = "Note for {mission}: object to list {number} by {until}. {link}"
    Wording.objects.create(
        hearing_id=listing.hearing.id,
        letter=CIRCULATED.key,
        language="en",
        subject="Note {number}",
        body=words,
        changed_at=clock.now(),
    )
    edition = frozen(listing)
    circulation.circulate(edition=edition, actor=listing.office)
    sent = Message.objects.filter(purpose="no-objection").select_related("person").order_by("body")
    assert [
        (message.subject, message.language) for message in sent if message.person != egypt.person
    ] == [("Note 1", "en")] * 2
    assert sent[0].body.startswith("Note for Estmere: object to list 1 by ")
    arabic = Message.objects.get(purpose="no-objection", person=egypt.person)
    assert (arabic.language, "Note" in arabic.subject) == ("ar", False)
    values = CIRCULATED.example(listing.hearing) if CIRCULATED.example else None
    assert values
    assert values["number"] == "1"


def test_a_mission_reads_it_by_its_link_in_three_forms(listing: World) -> None:
    listing.ngo("Alpha & <Co>")
    listing.mission("Estmere")
    edition = frozen(listing)
    client, alone = listing.client(), f"/no-objection/{links.derive(edition.id, 1)}/"
    assert client.get(alone).status_code == 410  # not circulated yet
    (address,) = copies(listing, edition).values()
    # This copy is for reading only.
    assert "Submit objection" not in client.get(alone).content.decode()
    assert client.post(alone, {"reason": "Nobody's."}).status_code == 200
    assert Objection.objects.count() == 0
    assert "Alpha &amp; &lt;Co&gt;" in client.get(address).content.decode()
    table = client.get(f"{address}list.csv").content.decode("utf-8-sig")
    assert table.splitlines()[1] == "1,Alpha & <Co>,,Invited civil society organization"
    word = Document(BytesIO(client.get(f"{address}list.docx").content))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    assert "Alpha & <Co>" in cells
    pages = PdfReader(BytesIO(client.get(f"{address}list.pdf").content)).pages
    assert "Alpha & <Co>" in "".join(page.extract_text() for page in pages)
    assert client.get(f"{address}list.exe").status_code == 404


def test_after_the_deadline_the_unobjected_are_accepted_by_one_act(listing: World) -> None:
    rows = [listing.ngo(name) for name in ("A", "B", "C", "D")]
    edition = frozen(listing)
    upheld, aside, left = (object_to(listing, edition, row) for row in rows[:3])
    with pytest.raises(RegistrationRefused):
        close(listing, edition)
    settle(listing, upheld, State.UPHELD)
    settle(listing, aside, State.SET_ASIDE)
    assert statuses(*rows) == ["refused", "submitted", "submitted", "submitted"]
    listing.clock.advance(4 * DAY_MS)
    assert [step(row) for row in rows[1:]] == ["no-objection", "objected", "no-objection"]
    assert close(listing, edition) == 2
    assert statuses(*rows) == ["refused", "accepted", "submitted", "accepted"]
    with pytest.raises(RegistrationRefused):
        close(listing, edition)
    settle(listing, left, State.SET_ASIDE)  # the list is closed, and no other objection is open
    assert statuses(rows[2]) == ["accepted"]
    kinds = Entry.objects.filter(kind__startswith="objection.").order_by("seq")
    told = [(entry.kind, entry.fields().get("answer"), entry.actor) for entry in kinds]
    office = listing.office.id
    assert told == [
        *[("objection.entered", None, office)] * 3,
        ("objection.settled", "upheld", office),
        ("objection.settled", "set-aside", office),
        ("objection.settled", "set-aside", office),
    ]
    entered = kinds[0].fields()
    assert Note.objects.get(key=entered["reason"]).text == "Not known to us."


def test_an_objection_counts_by_when_it_was_received(listing: World) -> None:
    row = listing.ngo("A")
    edition = frozen(listing)
    listing.clock.advance(4 * DAY_MS)
    with pytest.raises(RegistrationRefused) as refused:
        object_to(listing, edition, row)
    assert refused.value.field == "received"
    made = objections.enter(
        edition=edition,
        line=edition.lines.get().pk,
        mission="Sudmere",
        received_at=edition.deadline,
        reason="In time.",
        entered_by=listing.secretary,
        actor=listing.office,
    )
    assert made.state == "open"


def test_a_mission_objects_once_to_a_line(listing: World) -> None:
    row = listing.ngo("A")
    edition = frozen(listing)
    object_to(listing, edition, row)
    with pytest.raises(RegistrationRefused) as refused:
        object_to(listing, edition, row, " SUDMERE ")
    assert refused.value.field == "mission"
    object_to(listing, edition, row, "Estmere")
    assert Objection.objects.count() == 2


def copies(world: World, edition: Edition) -> dict[str, str]:
    """Circulate the list, and return the address of each mission's copy by the mission's name."""
    circulation.circulate(edition=edition, actor=world.office)
    rows = EditionCopy.objects.filter(edition=edition).select_related("mission")
    return {row.mission.name: f"/no-objection/{links.derive(row.id, 1)}/" for row in rows}


def test_a_mission_objects_through_its_own_copy(listing: World) -> None:
    row, other = listing.ngo("A"), listing.ngo("B")
    inscribed = listing.mission("Copperfell", 0)
    listed_missions(listing, "one@mission.example")
    edition = frozen(listing)
    found = copies(listing, edition)
    assert sorted(found) == ["Andorra", "Copperfell"]
    sent = list(Message.objects.filter(purpose="no-objection").order_by("address"))
    assert [sum(path in message.body for message in sent) for path in found.values()] == [1, 1]
    client = listing.client()
    line = str(edition.lines.get(registration=row).pk)
    typed = {"line": line, "reason": "We do not know them."}
    assert client.post(found["Copperfell"], {**typed, "reason": " "}).status_code == 422
    assert client.post(found["Copperfell"], {**typed, "line": str(edition.pk)}).status_code == 422
    assert client.post(found["Copperfell"], typed).status_code == 302
    again = client.post(found["Copperfell"], typed)
    assert (
        again.status_code,
        "already objected to this organization" in again.content.decode(),
    ) == (
        422,
        True,
    )
    assert client.post(found["Andorra"], {**typed, "reason": "Nor do we."}).status_code == 302
    told = Entry.objects.filter(kind="objection.entered").order_by("seq")
    known, nameless = (EditionCopy.objects.get(mission__name=name) for name in sorted(found)[::-1])
    assert [(entry.actor, entry.role, entry.fields()["mission"]) for entry in told] == [
        (inscribed.person_id.hex, "mission", known.mission_id.hex),
        (nameless.id.hex, "mission", nameless.mission_id.hex),
    ]
    assert Note.objects.get(key=told[0].fields()["reason"]).text == "We do not know them."
    office = client.get(f"/office/{listing.hearing.slug}/review/no-objection/1/").content.decode()
    assert ("We do not know them." in office, "through its own link" in office) == (True, True)
    own = client.get(found["Copperfell"]).content.decode()
    assert ("We do not know them." in own, "Nor do we." in own) == (True, False)
    subjects = [m.subject for m in Message.objects.filter(subject__startswith="Objection received")]
    assert sorted(subjects) == ["Objection received, list 1: A"] * 2
    assert (step(row), step(other)) == ("objected", "listed")


def test_a_mission_objects_until_the_deadline_and_only_to_what_waits(listing: World) -> None:
    row, other = listing.ngo("A"), listing.ngo("B")
    listed_missions(listing, "one@mission.example")
    edition = frozen(listing)
    (address,) = copies(listing, edition).values()
    client = listing.client()
    lines = {line.registration_id: str(line.pk) for line in edition.lines.all()}
    review.decide(
        hearing=listing.hearing,
        chosen=[row.id],
        outcome=Registration.Status.REFUSED,
        reason="A reason.",
        decided_by=listing.secretary,
        actor=listing.office,
    )
    decided = client.post(address, {"line": lines[row.id], "reason": "Late."})
    assert "has already been decided" in decided.content.decode()
    Edition.objects.update(deadline=clock.now())
    listing.clock.advance(999)
    typed = {"line": lines[other.id], "reason": "In the last second."}
    assert client.post(address, typed).status_code == 302
    Objection.objects.all().delete()
    listing.clock.advance(1000)
    late = client.post(address, typed)
    words = late.content.decode()
    assert (late.status_code, "The deadline for objections has passed." in words) == (422, True)
    assert "In the last second." in words  # what was typed is not lost
    assert Objection.objects.count() == 0


def test_whoever_is_erased_objects_no_more(listing: World) -> None:
    listing.ngo("A")
    inscribed = listing.mission("Copperfell", 0)
    edition = frozen(listing)
    (address,) = copies(listing, edition).values()
    with writer.writing(listing.hearing.id, actor=listing.office) as record:
        assert erase_copies(inscribed.person_id, record) == [EditionCopy.objects.get().id.hex]
    copy = EditionCopy.objects.get()
    assert (copy.person, copy.address) == (None, "")
    assert listing.client().get(address).status_code == 410


def test_the_office_makes_objects_and_settles_on_its_pages(listing: World) -> None:
    row = listing.ngo("A")
    client, base = listing.client(), f"/office/{listing.hearing.slug}/review/no-objection/"
    past = {"day": "2020-01-01", "time": "10:00"}
    assert client.post(base, past).status_code == 422
    until = clock.now().astimezone(listing.hearing.zone) + timedelta(days=2)
    made = client.post(base, {"day": f"{until:%Y-%m-%d}", "time": "17:00"})
    assert made.headers["location"] == f"{base}1/"
    now = clock.now().astimezone(listing.hearing.zone)
    typed = {
        "line": str(Edition.objects.get().lines.get().pk),
        "mission": "Sudmere",
        "day": f"{now:%Y-%m-%d}",
        "time": f"{now:%H:%M}",
        "reason": "We do not know them.",
    }
    assert client.post(f"{base}1/", {**typed, "reason": ""}).status_code == 422
    assert client.post(f"{base}1/", typed).status_code == 302
    objection = Objection.objects.get()
    settled = f"/office/{listing.hearing.slug}/review/objections/{objection.pk}/settle/"
    client.post(settled, {"answer": "uphold"})
    assert statuses(row) == ["submitted"]  # no reason was given
    client.post(settled, {"answer": "uphold", "reason": "Agreed."})
    assert statuses(row) == ["refused"]
    page = client.get(f"{base}1/").content.decode()
    assert ("We do not know them." in page, "Agreed." in page) == (True, True)


def test_the_applicants_page_follows_from_a_focal_point_to_acceptance(
    listing: World, steps: Callable[..., None]
) -> None:
    steps(focal_point=True)
    row, client = listing.ngo("A"), listing.client()
    base = f"/office/{listing.hearing.slug}/review"
    category = str(listing.hearing.categories.get(key="civil-society").id)
    focal = {"name": "F", "email": "f@example.org", "language": "en", "category": category}
    said = client.post(f"{base}/focal-points/", focal, follow=True).text
    assert "asked about all waiting registrations." in said

    def own() -> str:
        return client.get(f"/my/{links.secret_of(row)}/").text

    assert "The focal point has been asked." in own()
    approvals.answer(approval=asked(row), state=Approval.State.APPROVED, reason="")
    settle(listing, object_to(listing, frozen(listing), row), State.SET_ASIDE)
    assert "Your organization is on list 1." in own()
    listing.clock.advance(4 * DAY_MS)
    page = client.get(f"{base}/no-objection/1/").text
    action = f"{base}/no-objection/1/close/"
    assert (f'action="{action}"' in page, "Accept all that have no objection" in page) == (
        True,
        True,
    )
    assert "1 registration has been accepted." in client.post(action, follow=True).text
    assert "You are accepted." in own()


def told(edition: Edition) -> list[tuple[str, str]]:
    """Return organization and country of each line, as the missions read them."""
    return list(edition.lines.order_by("ordinal").values_list("organization", "country"))


def test_states_read_the_alias_until_its_bearer_agrees_to_more(listing: World) -> None:
    row = listing.ngo("Safe Harbour", country="UZ")
    edition = frozen(listing)
    assert told(edition) == [("Safe Harbour", "UZ")]
    row = aliases.set_alias(registration=row, alias="Voice A", actor=listing.office)
    assert told(edition) == [("Voice A", "")]
    change = partial(consents.change, registration=row, use=Use.STATES, actor=listing.office)
    assert change(is_given=True)
    assert told(edition) == [("Safe Harbour", "UZ")]
    assert change(is_given=False)
    assert told(edition) == [("Voice A", "")]
    assert change(is_given=True)
    erasure.erase(hearing=listing.hearing.id, person=row.person_id, actor=listing.office)
    assert told(edition) == [("–", "")]


def test_nobody_is_asked_about_states_who_has_no_alias(listing: World) -> None:
    row = listing.ngo("Open Doors")
    assert Use.STATES not in {line.use for line in queries.lines(row)}
    actor = listing.office
    assert not consents.change(registration=row, use=Use.STATES, is_given=True, actor=actor)
