"""Statements: accepted whole or refused with a sentence, and confidential until delivered."""

import io

import docx
import pytest

from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.models import Registration
from hemicycle.before.statements import actions, queries
from hemicycle.before.statements.library import queries as library
from hemicycle.before.statements.models import Statement, StatementVersion
from hemicycle.procedure import commands as c
from hemicycle.record.models import Entry, Note
from tests.support.bombs import zip_bomb
from tests.support.lists import World

pytestmark = pytest.mark.postgresql("transactions")

Release = Statement.Release


def hand_in(
    world: World, registration: Registration, data: bytes, name: str = "statement.txt"
) -> actions.HandInResult:
    return actions.hand_in(
        registration=registration,
        inscription=world.inscription(registration),
        file_name=name,
        data=data,
        by=registration.person,
        actor=actor_of(registration),
    )


def as_docx(*paragraphs: str) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def kinds_of(world: World) -> list[str]:
    entries = Entry.objects.filter(hearing=world.hearing.id, kind__startswith="statement.")
    return list(entries.order_by("seq").values_list("kind", flat=True))


def test_a_statement_is_read_counted_and_recorded(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    version = hand_in(world, ngo, as_docx("Clean water first.", "Then the rest."), "a.docx").version
    assert (version.number, version.words, version.state) == (1, 6, StatementVersion.State.READ)
    assert version.text == "Clean water first.\n\nThen the rest."
    assert kinds_of(world) == ["statement.handed_in"]
    assert list(queries.missing(world.hearing)) == []


def test_a_new_version_is_kept_beside_the_old(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    for text in (b"First thoughts.", b"Better thoughts.", b"Better thoughts."):
        hand_in(world, ngo, text)
    (handed,) = queries.own(ngo)
    assert [version.text for version in handed.versions] == ["First thoughts.", "Better thoughts."]


def test_a_statement_longer_than_the_limit_is_told_by_how_much(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    hand_in(world, ngo, b"word " * 480)
    (handed,) = queries.own(ngo)
    assert (handed.limit_words, handed.over_words, handed.takes_ms) == (360, 120, 240_000)


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "empty.txt", "has no text in it"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "photo.docx", "is a picture"),
        (b"a " * 11_000_000, "long.txt", "larger than 20 MB"),
    ],
    ids=["empty", "picture", "too large"],
)
def test_what_is_no_statement_is_refused_and_nothing_kept(
    world: World, data: bytes, name: str, said: str
) -> None:
    ngo = world.ngo("River Watch", 0)
    with pytest.raises(actions.StatementRefused, match=said):
        hand_in(world, ngo, data, name)
    assert (kinds_of(world), StatementVersion.objects.count()) == ([], 0)


def test_what_unpacks_to_too_much_is_refused_and_nothing_kept(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    bomb = zip_bomb("word/document.xml", 40_000_000, kinds=True)
    with pytest.raises(actions.StatementRefused, match="is far larger"):
        hand_in(world, ngo, bomb, "statement.docx")
    assert (kinds_of(world), StatementVersion.objects.count()) == ([], 0)


def test_a_document_whose_text_cannot_be_had_is_kept_and_its_sender_told(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    whole = as_docx("A promise.")
    taken = hand_in(world, ngo, whole[: len(whole) // 2], "half.docx")
    assert "damaged or incomplete" in taken.problem
    assert taken.version.state == StatementVersion.State.UNREADABLE
    assert taken.version.file.read() == whole[: len(whole) // 2]
    assert queries.states([world.inscription(ngo)]) == {world.inscription(ngo).id: "unreadable"}


def test_a_statement_is_confidential_until_its_speaker_has_spoken(world: World) -> None:
    ngo, other = world.ngo("River Watch", 0), world.ngo("Lake Watch", 0)
    for registration in (ngo, other):
        statement = hand_in(world, registration, b"What I say.").version.statement
        actions.set_consent(statement=statement, publish=True, actor=actor_of(registration))
    world.open_panel()
    assert library.all_published(world.hearing) == []
    world.press(c.GiveFloor(world.inscription(ngo).id.hex))
    assert library.all_published(world.hearing) == []
    world.clock.advance(60_000)
    world.press(c.EndFloor())
    assert [handed.statement.registration for handed in library.all_published(world.hearing)] == [
        ngo
    ]
    world.press(c.Undo())
    assert library.all_published(world.hearing) == []
    world.press(c.EndFloor())
    world.press(c.CloseSegment())
    released = {handed.statement.registration: handed.statement.release for handed in public(world)}
    assert released == {ngo: Release.DELIVERED, other: Release.NOT_REACHED}


def public(world: World) -> list[queries.StatementDetails]:
    return library.all_published(world.hearing)


def test_consent_is_apart_and_can_be_taken_back(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    statement = hand_in(world, ngo, b"What I say.").version.statement
    world.open_panel()
    world.press(c.GiveFloor(world.inscription(ngo).id.hex))
    world.press(c.EndFloor())
    assert public(world) == []
    for publish in (True, True, False):
        actions.set_consent(statement=statement, publish=publish, actor=actor_of(ngo))
        assert bool(public(world)) is publish
    assert kinds_of(world).count("statement.consent_changed") == 2


def test_one_who_withdraws_keeps_their_text_to_themselves(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    statement = hand_in(world, ngo, b"What I say.").version.statement
    actions.set_consent(statement=statement, publish=True, actor=actor_of(ngo))
    world.open_panel()
    world.press(c.GiveFloor(world.inscription(ngo).id.hex))
    world.press(c.EndFloor())
    assert public(world)
    Registration.objects.filter(pk=ngo.pk).update(status=Registration.Status.WITHDRAWN)
    assert public(world) == []
    with pytest.raises(actions.StatementRefused, match="no longer valid"):
        hand_in(world, ngo, b"More.")


def test_a_contribution_in_writing_is_released_when_the_last_meeting_closes(world: World) -> None:
    ngo = world.ngo("River Watch")
    taken = actions.hand_in(
        registration=ngo,
        inscription=None,
        file_name="contribution.txt",
        data="ما نكتبه".encode(),
        by=ngo.person,
        actor=actor_of(ngo),
    )
    assert taken.version.words == 2
    for panel in (0, 1):
        world.open_panel(panel)
        world.press(c.CloseSegment(), panel)
        world.press(c.CloseMeeting(), panel)
        taken.version.statement.refresh_from_db()
        assert taken.version.statement.release == (Release.WRITTEN if panel else Release.EMBARGOED)


def test_a_statement_handed_in_afterwards_is_released_as_one_handed_in_before(
    world: World,
) -> None:
    spoke, waited, absent = (world.ngo(name, 0) for name in ("Spoke", "Waited", "Absent"))
    world.open_panel()
    world.press(c.GiveFloor(world.inscription(spoke).id.hex))
    world.press(c.EndFloor())
    world.press(c.MarkAbsent(world.inscription(absent).id.hex))
    during = hand_in(world, spoke, b"What I said.").version.statement
    assert during.release == Release.DELIVERED
    world.press(c.CloseSegment())
    for registration, how in (
        (spoke, Release.DELIVERED),
        (waited, Release.NOT_REACHED),
        (absent, Release.EMBARGOED),
    ):
        statement = hand_in(world, registration, b"What I wrote.").version.statement
        statement.refresh_from_db()
        assert statement.release == how
    world.open_panel(1)
    assert hand_in(world, spoke, b"A last version.").version.statement.release == Release.DELIVERED
    world.press(c.Undo(), 1)
    assert Statement.objects.get(pk=during.pk).release == Release.DELIVERED


def test_a_contribution_in_writing_that_comes_after_the_hearing_is_released(world: World) -> None:
    ngo = world.ngo("River Watch")
    for panel in (0, 1):
        world.open_panel(panel)
        world.press(c.CloseSegment(), panel)
        world.press(c.CloseMeeting(), panel)
    taken = actions.hand_in(
        registration=ngo,
        inscription=None,
        file_name="contribution.txt",
        data=b"What we write.",
        by=ngo.person,
        actor=actor_of(ngo),
    )
    assert taken.version.statement.release == Release.WRITTEN


def test_the_secretariat_releases_what_the_floor_does_not(world: World) -> None:
    absent, spoke = world.ngo("Absent", 0), world.ngo("Spoke", 0)
    statement, other = (hand_in(world, who, b"Text.").version.statement for who in (absent, spoke))
    actions.release_by_hand(
        statement=statement, how=Release.WRITTEN, reason="Sent instead.", actor=world.office
    )
    world.open_panel()
    world.press(c.GiveFloor(world.inscription(spoke).id.hex))
    world.press(c.EndFloor())
    world.press(c.MarkAbsent(world.inscription(absent).id.hex))
    world.press(c.CloseSegment())
    statement.refresh_from_db()
    assert statement.release == Release.WRITTEN
    with pytest.raises(actions.StatementRefused, match="has already been released"):
        actions.release_by_hand(
            statement=other, how=Release.EMBARGOED, reason="A slip.", actor=world.office
        )
    actions.release_by_hand(
        statement=statement, how=Release.EMBARGOED, reason="A slip.", actor=world.office
    )
    statement.refresh_from_db()
    assert (statement.release, statement.released_at) == (Release.EMBARGOED, None)
    reasons = Entry.objects.filter(kind="statement.released_by_hand").order_by("seq")
    notes = [Note.objects.get(key=entry.fields()["reason"]).text for entry in reasons]
    assert notes == ["Sent instead.", "A slip."]


def test_nobody_hands_in_for_anothers_place(world: World) -> None:
    ngo, other = world.ngo("River Watch", 0), world.ngo("Lake Watch", 0)
    with pytest.raises(actions.StatementRefused, match="another participant"):
        actions.hand_in(
            registration=ngo,
            inscription=world.inscription(other),
            file_name="a.txt",
            data=b"Mine.",
            by=ngo.person,
            actor=actor_of(ngo),
        )
