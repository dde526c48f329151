"""A hearing's documents are in its archives until they are withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hemicycle.before.meeting_documents import actions
from hemicycle.hearing.setup import aliases
from hemicycle.outcome.archive import building, export
from hemicycle.outcome.archive.models import Archive
from hemicycle.record import verify
from tests.support.documents import PDF, added_document, publish, seated, slides
from tests.support.jobs import work_off

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

    from hemicycle.before.meeting_documents.models import MeetingDocument
    from tests.support.lists import World

pytestmark = pytest.mark.any_database


def archive(world: World, folder: Path, *, public: bool) -> dict[str, bytes]:
    """Write an archive, verify it, and return its documents by their names in it."""
    export.write_folder(world.hearing, folder, public=public)
    assert verify.verify_export(folder).holds
    page = (folder / "index.html").read_text("utf-8")
    names = [path.relative_to(folder).as_posix() for path in folder.glob("documents/*")]
    assert {name for name in names if f'href="{name}"' not in page} == set()
    return {name: (folder / name).read_bytes() for name in names}


def test_the_public_gets_public_documents_and_the_secretariat_all(
    world: World, tmp_path: Path
) -> None:
    note, kept = added_document(world), added_document(world, "Seating", is_public=False)
    shown = slides(world)
    name = f"documents/note-concept-note-{note.pk.hex[:8]}.pdf"
    assert archive(world, tmp_path / "before", public=True) == {name: PDF}
    assert "Seating" not in (tmp_path / "before" / "index.html").read_text("utf-8")
    publish(world, shown)
    assert len(archive(world, tmp_path / "after", public=True)) == 2
    found = archive(world, tmp_path / "office", public=False)
    assert found.keys() == {
        name,
        f"documents/note-seating-{kept.pk.hex[:8]}.pdf",
        f"documents/presentation-slides-{shown.pk.hex[:8]}.pdf",
    }


def test_the_public_archive_does_not_name_a_person_with_an_alias(
    world: World, tmp_path: Path
) -> None:
    member, _person = seated(world)
    added_document(world, f"Paper by {member.name}")
    aliases.set_alias(hearing=world.hearing, member=member, alias="Voice A", actor=world.office)
    (name,) = archive(world, tmp_path / "public", public=True)
    assert name.startswith("documents/note-paper-by-voice-a-")
    assert member.name not in (tmp_path / "public" / "index.html").read_text("utf-8")


def test_a_file_that_is_lost_does_not_keep_the_archive_away(world: World, tmp_path: Path) -> None:
    document = added_document(world)
    document.file.storage.delete(str(document.file.name))
    assert archive(world, tmp_path / "public", public=True) == {}


def hidden(world: World, document: MeetingDocument) -> None:
    details = replace(actions.Details.of(document), is_public=False)
    actions.change(document=document, details=details, actor=world.office)


@pytest.fixture
def built(world: World) -> Iterator[MeetingDocument]:
    """Published slides, and both archives that contain them."""
    document = slides(world)
    publish(world, document)
    for public in (True, False):
        building.want(world.hearing, public=public)
    assert work_off() == 2
    yield document
    for left in Archive.objects.exclude(file=""):
        left.file.delete(save=False)


@pytest.mark.parametrize(
    "withdraw",
    [
        hidden,
        lambda world, document: actions.agree(document=document, agrees=False, actor=world.office),
        lambda world, document: actions.remove(document=document, actor=world.office),
    ],
    ids=["hidden", "agreement taken back", "deleted"],
)
def test_archives_with_a_document_that_is_withdrawn_are_deleted(
    world: World,
    built: MeetingDocument,
    withdraw: Callable[[World, MeetingDocument], None],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    first, second = Archive.objects.exclude(file="")
    files = [(archive.file.storage, str(archive.file.name)) for archive in (first, second)]
    with django_capture_on_commit_callbacks(execute=True):
        withdraw(world, built)
    assert not Archive.objects.exclude(file="").exists()
    waiting = [
        public
        for public in (False, True)
        if not (job := building.newest(world.hearing, public=public)) or not job.is_finished
    ]
    assert waiting == [True]
    assert [storage.exists(name) for storage, name in files] == [False, False]
