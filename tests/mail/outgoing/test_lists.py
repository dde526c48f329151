"""Distribution lists, imported tables, and letters to whole lists."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.translation import gettext, override
from openpyxl import Workbook
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from hemicycle.documents.reading import tables
from hemicycle.mail.outgoing import importing, lists, mailings, unsubscribing
from hemicycle.mail.outgoing.actions import OutgoingRefused
from hemicycle.mail.outgoing.delivery import claims, mail
from hemicycle.mail.outgoing.delivery.transport import ServerReply
from hemicycle.mail.outgoing.models import Mailing, Message, Recipient, Recipients, Unsubscribed
from hemicycle.mail.outgoing.texts import known_letters
from hemicycle.record import clock
from hemicycle.record.models import Entry
from tests.support.altered import altered_text
from tests.support.bombs import zip_bomb

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = [pytest.mark.postgresql("constraints"), pytest.mark.django_db]
TABLE = """\
Email;Name;Country;Language
fr@missions.example;Ana;FR;French
br@missions.example;;Brasilien;Klingon
egypt@missions.example;;مصر;العربية
nobody;Bob;;
FR@missions.example;Twice;;
;Nemo;;
"""


@pytest.fixture
def office(world: World) -> Client:
    return world.client()


@pytest.fixture
def kept(world: World) -> Recipients:
    return lists.make(hearing=world.hearing, name="Missions", of_missions=True, actor=world.office)


def test_a_table_is_shown_line_by_line_before_it_is_taken(
    world: World, office: Client, kept: Recipients
) -> None:
    base = f"/office/{world.hearing.slug}/letters/lists/{kept.pk}/"
    file = SimpleUploadedFile("missions.csv", TABLE.encode())
    shown = office.post(f"{base}import/", {"table": file}, follow=True)
    page = shown.content.decode()
    assert "not an address" in page
    assert "twice in this file" in page
    assert "no address" in page
    assert Recipient.objects.exclude(address="").count() == 0
    url = shown.redirect_chain[-1][0]
    office.post(url)
    office.post(url)  # a second press imports nothing again
    found = Recipient.objects.exclude(address="").order_by("address")
    assert [(line.address, line.country, line.language) for line in found] == [
        ("br@missions.example", "", "en"),  # the name is German, and there is no language
        ("egypt@missions.example", "EG", "ar"),
        ("fr@missions.example", "FR", "fr"),
    ]
    assert kept.lines.count() == 197  # two missions had a line already
    told = Entry.objects.filter(kind="recipients.changed").order_by("seq")
    assert [entry.fields()["lines"] for entry in told] == [196, 197]


def workbook() -> bytes:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Organization", "E-mail"])
    sheet.append(["Open Doors", "post@opendoors.example"])
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "good"),
    [
        (workbook(), ["post@opendoors.example"]),
        (b"\xef\xbb\xbfaddress\na@b.example\n", ["a@b.example"]),
        ("address,name\na@b.example,José".encode("cp1252"), ["a@b.example"]),
        ("address\tname\na@b.example\tЛи".encode("utf-16"), ["a@b.example"]),
        (b"a@b.example,Ana\nc@d.example,Bob", ["a@b.example", "c@d.example"]),
        (b'address\n"a@b.example\nc@d.example', []),
    ],
)
def test_tables_of_many_kinds_are_read(kept: Recipients, data: bytes, good: list[str]) -> None:
    found = importing.read(recipients=kept, file_name="x", data=data)
    assert [row["address"] for row in found.rows if not row["problem"]] == good


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"name,country\nAna,FR", b"%PDF-1.7\0\0", b"PK\x03\x04junk"]
)
def test_what_is_no_table_is_refused_with_a_sentence(kept: Recipients, data: bytes) -> None:
    with pytest.raises(OutgoingRefused) as refused:
        importing.read(recipients=kept, file_name="x", data=data)
    assert refused.value.sentence.endswith(".")


def test_a_table_that_unpacks_to_too_much_is_refused_with_a_sentence(kept: Recipients) -> None:
    data = zip_bomb("xl/workbook.xml", tables.UNPACKED + 1)
    with pytest.raises(OutgoingRefused) as refused:
        importing.read(recipients=kept, file_name="x", data=data)
    assert refused.value.sentence.endswith(".")


def fill_list(kept: Recipients) -> None:
    data = TABLE.encode() + b"ann@example.org;Ann;;\ngone@example.org;Gone;;\n"
    found = importing.read(recipients=kept, file_name="x", data=data)
    rows = [row for row in found.rows if not row["problem"]]
    for row in rows:
        key = row["address"].casefold()
        Recipient.objects.create(
            recipients=kept,
            address=row["address"],
            address_key=key,
            name=row["name"],
            country=row["country"],
            language=row["language"] or "en",
        )


def invite(world: World, kept: Recipients) -> Mailing:
    source = lists.source(world.hearing, f"own:{kept.pk.hex}")
    assert source is not None
    return mailings.make(
        hearing=world.hearing,
        letter=known_letters()["invitation"],
        source=source,
        enclosed=["note-pdf", "calendar"],
    )


def test_a_letter_goes_to_each_once_in_their_language(
    world: World, office: Client, kept: Recipients
) -> None:
    kept.lines.all().delete()
    fill_list(kept)
    Recipient.objects.create(recipients=kept, country="TV")
    Unsubscribed.objects.create(
        hearing_id=world.hearing.id, address_key="gone@example.org", at="2021-06-24T00:00Z"
    )
    mailing = invite(world, kept)
    url = f"/office/{world.hearing.slug}/letters/to-lists/{mailing.pk}/"
    page = office.get(url).content.decode()
    assert "Send 4 letters" in page
    assert "has unsubscribed from letters to lists" in page
    assert "no address is known" in page
    assert (
        office.post(url, {"count": "3"}, follow=True)
        .content.decode()
        .count("The list has changed. Number of people who would now get the letter: 4.")
    )
    assert Message.objects.filter(mailing=mailing).count() == 0
    for _press in range(2):
        office.post(url, {"count": "4"})
    sent = Message.objects.filter(mailing=mailing).order_by("address")
    assert [(message.address, message.language) for message in sent] == [
        ("ann@example.org", "en"),
        ("br@missions.example", "en"),
        ("egypt@missions.example", "ar"),
        ("fr@missions.example", "fr"),
    ]
    assert [message.enclosures.count() for message in sent] == [2] * 4
    entry = Entry.objects.get(kind="mailing.sent")
    assert entry.fields() == {
        "mailing": mailing.pk.hex,
        "letter": "invitation",
        "recipients": 4,
    }
    assert "4" in office.get(url).content.decode()
    table = office.get(f"/office/{world.hearing.slug}/outbox/table.csv?mailing={mailing.pk}")
    assert len(table.content.decode().splitlines()) == 5


def test_the_enclosed_note_is_tagged_and_holds_the_programme(world: World) -> None:
    kinds = mailings.papers(world.hearing)
    for key, language in (("note-pdf", "en"), ("letter-pdf", "ar")):
        file = kinds[key].make(world.hearing, language)
        assert file is not None
        reader = PdfReader(io.BytesIO(file.content))
        root = cast(DictionaryObject, reader.trailer["/Root"])
        assert bool(cast(DictionaryObject, root["/MarkInfo"])["/Marked"])
        assert str(root["/Lang"]) == language
        if key == "note-pdf":
            words = " ".join(page.extract_text() for page in reader.pages)
            assert world.panels[0].title.split(":")[0] in " ".join(words.split())
    for key in ("note-docx", "letter-docx"):
        file = kinds[key].make(world.hearing, "en")
        assert file is not None
        assert file.content.startswith(b"PK")


def test_letters_to_a_list_are_held_and_can_be_stopped(
    world: World, office: Client, kept: Recipients
) -> None:
    kept.lines.all().delete()
    fill_list(kept)
    mailing = invite(world, kept)
    page = f"/office/{world.hearing.slug}/letters/to-lists/{mailing.pk}/"
    office.post(page, {"count": "5"})
    assert claims.claim("a", 10) == []
    world.clock.advance(settings.MAIL_HOLD_MINUTES * 60_000 - 1)
    assert claims.claim("a", 10) == []
    assert "Stop 5 letters" in office.get(page).content.decode()
    office.post(f"{page}hold/", {"act": "stop"})
    world.clock.advance(60_000)
    assert claims.claim("a", 10) == []
    assert {message.state for message in mailing.messages.all()} == {"cancelled"}
    stopped = Entry.objects.get(kind="mailing.stopped")
    assert (stopped.fields()["letters"], stopped.role) == (5, "secretariat")
    assert "Stop 5 letters" not in office.get(page).content.decode()
    said = office.post(f"{page}hold/", {"act": "stop"}, follow=True).content.decode()
    assert "None could be stopped" in said


def test_letters_to_a_list_are_scheduled_and_can_be_stopped_until_then(
    world: World, office: Client, kept: Recipients
) -> None:
    kept.lines.all().delete()
    fill_list(kept)
    mailing = invite(world, kept)
    page = f"/office/{world.hearing.slug}/letters/to-lists/{mailing.pk}/"
    local = (clock.now() + timedelta(days=9)).astimezone(world.hearing.zone)
    for wrong, why in (
        ({"day": f"{local:%Y-%m-%d}"}, "Give both a day and a time"),
        ({"day": "2020-01-02", "time": "10:00"}, "Choose a time in the future"),
        ({"day": "2999-01-02", "time": "10:00"}, "Choose a time in the future"),
        ({"day": "the 5th", "time": "10:00"}, "Enter a valid date"),
    ):
        assert why in office.post(page, {"count": "5", **wrong}, follow=True).text, wrong
    assert Message.objects.filter(mailing=mailing).count() == 0
    office.post(page, {"count": "5", "day": f"{local:%Y-%m-%d}", "time": "10:00"})
    at = local.replace(hour=10, minute=0, second=0, microsecond=0)
    mailing.refresh_from_db()
    assert mailing.leaves_at == at
    assert "Stop 5 letters" in office.get(page).text
    world.clock.move_to(clock.to_ms(at) - 1)
    assert claims.claim("a", 10) == []
    world.clock.advance(1)
    message, *others = claims.claim("a", 10)
    assert len(others) == 4
    # The days before it left do not count as days in which the mail server may defer it.
    assert claims.end(message, "a", ServerReply(451, "later")) == "deferred"
    dated = mail.write(others[0], world.hearing, []).message["Date"]
    assert dated.datetime == at


def test_held_letters_leave_by_themselves_or_at_once(
    world: World, office: Client, kept: Recipients
) -> None:
    kept.lines.all().delete()
    fill_list(kept)
    mailings_made = [invite(world, kept) for _ in range(2)]
    for mailing in mailings_made:
        mailings.confirm(hearing=world.hearing, mailing=mailing, count=5, actor=world.office)
    first, second = mailings_made
    hold = f"/office/{world.hearing.slug}/letters/to-lists/{first.pk}/hold/"
    office.post(hold, {"act": "release"})
    assert {message.mailing_id for message in claims.claim("a", 99)} == {first.pk}
    assert Entry.objects.get(kind="mailing.released").fields()["letters"] == 5
    first.messages.update(state=Message.State.SENT)
    world.clock.advance(settings.MAIL_HOLD_MINUTES * 60_000)
    assert {message.mailing_id for message in claims.claim("b", 99)} == {second.pk}


def test_a_list_of_hemicycles_own_is_named_in_the_readers_language(
    world: World, office: Client
) -> None:
    source = lists.source(world.hearing, "registered:all")
    assert source is not None
    invitation = known_letters()["invitation"]
    made = mailings.make(hearing=world.hearing, letter=invitation, source=source, enclosed=[])
    pages = f"/office/{world.hearing.slug}/letters/to-lists/"
    with override("ru"):
        name = gettext("Registered: everyone who takes part")
    for page in (pages, f"{pages}{made.pk}/"):
        shown = office.get(page, headers={"accept-language": "ru"}).content.decode()
        assert (name in shown, source.name in shown) == (True, False), page


def test_one_press_in_a_mail_program_takes_an_address_off(world: World, kept: Recipients) -> None:
    kept.lines.all().delete()
    fill_list(kept)
    mailing = invite(world, kept)
    mailings.confirm(hearing=world.hearing, mailing=mailing, count=5, actor=world.office)
    message = Message.objects.get(mailing=mailing, address="ann@example.org")
    written = mail.write(message, world.hearing, list(message.enclosures.order_by("name")))
    url = unsubscribing.url(message)
    assert written.message["List-Unsubscribe"] == f"<{url}>"
    assert written.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert written.message["Reply-To"] == "information@hearing.example"
    assert written.message["Content-Language"] == "en"
    kinds = [part.get_content_type() for part in written.message.walk()]
    assert kinds == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "text/html"),
        *("text/calendar", "application/pdf"),
    ]
    (meetings,) = (part for part in written.message.walk() if "calendar" in part.get_content_type())
    assert meetings.get_param("method") == "PUBLISH"
    told = meetings.get_content().splitlines()
    assert told.count("METHOD:PUBLISH") == 1
    assert told.count("BEGIN:VEVENT") == told.count(f"ORGANIZER:mailto:{settings.MAIL_FROM}") > 1
    stranger = Client(enforce_csrf_checks=True)
    path = url.removeprefix("http://localhost:8000")
    assert stranger.get(path).status_code == 200
    assert Unsubscribed.objects.count() == 0  # opening the page does not unsubscribe
    assert stranger.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    message.refresh_from_db()
    assert (message.state, Unsubscribed.objects.get().address_key) == (
        "cancelled",
        "ann@example.org",
    )
    assert stranger.post(altered_text(path.removesuffix("/")) + "/").status_code == 404


def test_a_link_to_the_floor_goes_to_those_alone_who_have_a_place(world: World) -> None:
    speaker = world.ngo("Open Doors", 0)
    listener = world.ngo("Listeners")
    found = {source.key: source for source in lists.sources(world.hearing)}
    floor_link = known_letters()["floor-link"]
    mailing = mailings.make(
        hearing=world.hearing, letter=floor_link, source=found["registered:all"], enclosed=[]
    )
    plan = mailings.plan(world.hearing, mailing)
    assert [written.to.address for written in plan.written] == [speaker.person.email]
    assert plan.left_out == {"not-concerned": 1}
    assert listener.person.email not in {written.to.address for written in plan.written}
    kept = lists.make(hearing=world.hearing, name="Own", of_missions=False, actor=world.office)
    own = lists.source(world.hearing, f"own:{kept.pk.hex}")
    assert own is not None
    with pytest.raises(OutgoingRefused):
        mailings.make(hearing=world.hearing, letter=floor_link, source=own, enclosed=[])
