"""People who registered under an alias appear under it in everything public, never by name."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from docx import Document
from pypdf import PdfReader

from hemicycle.before.registration import aliases
from hemicycle.before.registration.forms import StakeholderForm
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.before.statements import actions as statements
from hemicycle.before.statements.models import Statement
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.state import meeting_view
from hemicycle.meeting.state.chronicle import lines
from hemicycle.meeting.state.display_names import DisplayName, display_names
from hemicycle.outcome.archive import akoma_ntoso, export
from hemicycle.outcome.summary import actions, translating
from hemicycle.outcome.summary.contents import published_version
from hemicycle.outcome.summary.document import docx_of, pdf_of
from hemicycle.outcome.summary.models import Sentence, Summary, SummaryVersion
from hemicycle.outcome.summary.sources import name_of
from hemicycle.record import erasure
from hemicycle.record.floor import floor_of
from tests.support.lists import reference_world

if TYPE_CHECKING:
    from tests.support.finished import Finished

ALIAS = "Speaker A."


@pytest.fixture
def hidden(finished: Finished) -> Finished:
    """A published hearing in which Open Doors, who spoke and asked a question, has an alias."""
    registration = finished.registrations["Open Doors"]
    Registration.objects.filter(pk=registration.pk).update(alias=ALIAS, consents_to_list=True)
    statement = finished.statement("Open Doors")
    office = finished.world.office
    statements.set_consent(statement=statement, publish=True, actor=office)
    act: dict[str, Any] = {"hearing": finished.world.hearing, "actor": office}
    actions.draft(**act)
    actions.publish(**act)
    return finished


def names_of(finished: Finished) -> tuple[str, str]:
    return "Open Doors", finished.registrations["Open Doors"].person.name


def check(text: str, finished: Finished) -> None:
    for name in names_of(finished):
        assert name.casefold() not in text.casefold()


def test_the_papers_name_the_alias_alone(hidden: Finished) -> None:
    summary = Summary.objects.get()
    document = Document(io.BytesIO(docx_of(summary)))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    text = "\n".join([*(line.text for line in document.paragraphs), *cells])
    assert ALIAS in cells
    assert f"The intervention of {ALIAS}" in text.replace("..", ".")
    check(text, hidden)
    pages = PdfReader(io.BytesIO(pdf_of(summary))).pages
    check(" ".join(page.extract_text() for page in pages), hidden)


def test_no_file_of_the_public_archive_has_the_name(hidden: Finished, tmp_path: Path) -> None:
    hearing = hidden.world.hearing
    export.write_folder(hearing, tmp_path / "public", public=True)
    read = [path for path in (tmp_path / "public").rglob("*") if path.is_file()]
    for path in read:
        check(path.name.replace("-", " "), hidden)
        if path.suffix not in {".docx", ".pdf", ".pyz"}:
            check(path.read_text("utf-8"), hidden)
    assert ALIAS in (tmp_path / "public" / "lists.csv").read_text("utf-8")
    assert ALIAS in (tmp_path / "public" / "registrations.csv").read_text("utf-8")
    assert ALIAS in akoma_ntoso.proceedings(hearing, public=True).decode()
    export.write_zip(hearing, tmp_path / "office.zip", public=False)
    with zipfile.ZipFile(tmp_path / "office.zip") as packed:
        assert b"Open Doors" in packed.read(f"{hearing.slug}/registrations.csv")


def test_no_page_and_no_answer_of_the_api_has_the_name(hidden: Finished) -> None:
    hearing = hidden.world.hearing
    Hearing.objects.filter(pk=hearing.pk).update(public_list=True)
    statement = hidden.statement("Open Doors")
    meeting = hidden.world.panels[0].meeting_id
    addresses = [
        *(f"/h/{hearing.slug}/{page}/" for page in ("summary", "speakers", "statements", "live")),
        f"/h/{hearing.slug}/statements/{statement.pk}/",
        f"/h/{hearing.slug}/watch/{meeting}/",
        *(
            f"/api/v1/hearings/{hearing.slug}/{page}"
            for page in ("speakers", "statements", "summary")
        ),
        f"/api/v1/hearings/{hearing.slug}/statements/{statement.pk}",
    ]
    client, shown = Client(), 0
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        check(answer.content.decode(), hidden)
        shown += ALIAS in answer.content.decode()
    assert shown >= len(addresses) - 2


def test_the_reference_on_receipts_and_letters_is_in_no_public_table(
    hidden: Finished, tmp_path: Path
) -> None:
    """People who have seen the receipt would know whose alias it is."""
    slug = hidden.world.hearing.slug
    own = hidden.registrations["Open Doors"].reference
    table = Client().get(f"/h/{slug}/recommendations.csv").text
    assert own not in table
    assert f"{ALIAS}/" in table
    assert hidden.registrations["Normere"].reference in table
    export.write_zip(hidden.world.hearing, tmp_path / "archive.zip", public=True)
    with zipfile.ZipFile(tmp_path / "archive.zip") as packed:
        assert [
            name for name in packed.namelist() if own in packed.read(name).decode("latin-1")
        ] == []


def test_the_feed_and_the_picture_have_the_alias(hidden: Finished) -> None:
    hearing = hidden.world.hearing
    check(json.dumps(meeting_view.public_view(hearing.id)), hidden)
    floor = floor_of(hidden.world.panels[0].meeting_id)
    shown = display_names([line.slot for line in lines(floor) if line.slot is not None])
    assert DisplayName(ALIAS, "", is_alias=True) in shown.values()


def test_a_statement_begins_under_its_registration_s_alias(hidden: Finished) -> None:
    registration = hidden.registrations["Paper Only"]
    Statement.objects.filter(registration=registration).delete()
    registration.alias = "Voice B"
    registration.save(update_fields=["alias"])
    statements.hand_in(
        registration=registration,
        inscription=None,
        file_name="words.txt",
        data=b"A sentence that is long enough to be read by anybody.",
        by=registration.person,
        actor=hidden.world.office,
    )
    made = Statement.objects.get(registration=registration)
    assert (made.is_public_by_name, name_of(made)) == (False, "Voice B")


def test_erasure_takes_the_alias_and_gives_no_name_away(hidden: Finished) -> None:
    registration = hidden.registrations["Open Doors"]
    erasure.erase(
        hearing=hidden.world.hearing.id, person=registration.person_id, actor=hidden.world.office
    )
    registration.refresh_from_db()
    assert registration.public_organization == "–"


@pytest.mark.django_db
def test_the_registration_keeps_the_alias_that_was_typed() -> None:
    with reference_world() as world:
        form = StakeholderForm(facts_of(world.hearing), {"alias": "  Voice C "})
        assert form.is_valid() is False
        made = world.ngo("Hidden House", alias=form.cleaned_data["alias"])
    assert (made.alias, made.public_organization) == ("Voice C", "Voice C")
    assert made.public_identity(made.person).person == ""


def test_a_draft_follows_an_alias_that_is_set_or_changed(finished: Finished) -> None:
    """Before publication, sentences that use the name, or the alias before, get the new alias."""
    world, row = finished.world, finished.registrations["Open Doors"]
    actions.draft(hearing=world.hearing, actor=world.office)

    def naming(name: str) -> list[Sentence]:
        return [found for found in Sentence.objects.all() if name in found.text]

    named = naming("Open Doors")
    assert named
    for alias in (ALIAS, "Voice B"):
        aliases.set_alias(registration=row, alias=alias, actor=world.office)
        assert (naming("Open Doors"), len(naming(alias))) == ([], len(named))
    actions.publish(hearing=world.hearing, actor=world.office)
    with pytest.raises(RegistrationRefused, match="The summary is published"):
        aliases.set_alias(registration=row, alias="Voice C", actor=world.office)
    row.refresh_from_db()
    assert row.alias == "Voice B"


def test_a_new_public_name_reaches_translations(finished: Finished) -> None:
    """Where translators wrote the name differently, the public does not see the sentence."""
    world = finished.world
    act: dict[str, Any] = {"hearing": world.hearing, "actor": world.office}
    summary = actions.draft(**act)
    own, other = (
        actions.write(section=summary.sections.all()[2], text=text, actor=world.office)
        for text in ("Normere asked for figures.", "Normere was thanked.")
    )
    said = {own.pk: "Normere a demandé des chiffres.", other.pk: "Le pays du Nord a été remercié."}
    for pk, text in said.items():
        row = Sentence.objects.get(pk=pk)
        state = translating.state_of(row)
        save: dict[str, Any] = {"language": "fr", "text": text, "state": state, "revision": 0}
        translating.translate(**act, sentence=pk, **save)
    actions.publish(**act)
    translating.publish(**act, language="fr", incomplete=True)
    actions.take_back(**act)
    aliases.set_alias(
        registration=finished.registrations["Normere"], alias=ALIAS, actor=world.office
    )
    first, second = (row.translations.get() for row in (own, other))
    assert first.text == f"{ALIAS} a demandé des chiffres."
    assert first.follows(Sentence.objects.get(pk=own.pk))
    assert not second.follows(Sentence.objects.get(pk=other.pk))
    (version,) = SummaryVersion.objects.filter(language="fr")
    told = {one["id"]: one["text"] for part in version.content for one in part["sentences"]}
    assert (told[own.pk.hex], told[other.pk.hex]) == (first.text, "")
    actions.publish(**act)
    assert published_version(summary, "fr") is None, "somebody reads it first"
