"""What documents add to the hearing's page, and how they follow an alias and an erasure."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.urls import reverse
from django.utils.translation import ngettext

from hemicycle.before.meeting_documents import actions, queries
from hemicycle.before.meeting_documents.models import MeetingDocument
from hemicycle.hearing.jobs import stored_files
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import (
    PublicDocument,
    personal_holdings,
    public_documents,
    public_name_changed,
)
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer


@public_documents.connect
def of_page(hearing: Hearing) -> Iterable[PublicDocument]:
    """List the public documents for the hearing's page."""
    rows = queries.public(hearing)
    for document, title in zip(rows, queries.public_titles(hearing, rows), strict=True):
        yield PublicDocument(
            kind=document.get_kind_display(),
            title=title,
            language=document.language_label,
            size=document.size,
            path=reverse("meeting_documents:public", args=(hearing.slug, document.pk)),
        )


@public_name_changed.connect
def follow_alias(record: Writer, hearing: Hearing, before: Sequence[str], after: str) -> None:
    """Unpublish the files of panellists who now have an alias."""
    actions.hide(record=record, hearing=hearing)


@personal_holdings.connect
def holdings(hearing: Hearing, person: Person) -> Iterable[str]:
    """Yield a sentence with the number of files that a panellist has handed in."""
    if number := MeetingDocument.objects.filter(hearing=hearing, person=person).count():
        text = ngettext("%(n)s presentation: deleted", "%(n)s presentations: deleted", number)
        yield text % {"n": number}


@person_erased.connect
def erase_documents(person: UUID, record: Writer) -> list[str]:
    """Delete the files that a panellist has handed in."""
    ids = []
    for document in MeetingDocument.objects.filter(person=person, hearing=record.hearing):
        ids.append(document.pk.hex)
        stored_files.drop(document.file.name or "")
        document.delete()
    return ids
