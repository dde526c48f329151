"""The events after which archives are built or discarded."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from uuid import UUID

from django.utils.translation import gettext as _

from hemicycle.before.consent.models import Use
from hemicycle.before.consent.signals import consent_changed, seat_consent_changed
from hemicycle.before.meeting_documents.signals import document_withdrawn
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.signals import erasing_many
from hemicycle.hearing.jobs import kinds
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import copies_elsewhere, public_name_changed
from hemicycle.meeting.cutting.models import Cut
from hemicycle.meeting.cutting.signals import cut_done
from hemicycle.outcome.archive import building
from hemicycle.outcome.archive.models import Archive
from hemicycle.outcome.summary.models import Summary, SummaryTranslation
from hemicycle.outcome.summary.signals import summary_published, translation_published
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer
from hemicycle.ui.times import day

kinds.register(building.BUILDING)


@summary_published.connect
def build_for_the_public(record: Writer, summary: Summary) -> None:
    """Request the public archive when the summary is published."""
    building.want(summary.hearing, public=True, insists=True)


@translation_published.connect
def build_with_translation(record: Writer, translation: SummaryTranslation) -> None:
    """Request the public archive again, with the summary in another language."""
    building.want(translation.summary.hearing, public=True, insists=True)


@person_erased.connect
def discard(person: UUID, record: Writer) -> list[str]:
    """Delete the archives that hold an erased person's texts."""
    building.discard(record.hearing)
    return []


@erasing_many.connect
def discard_once(hearing: UUID) -> AbstractContextManager[None]:
    """Build a hearing's archives only after the last of many erasures."""
    return building.held(hearing)


@copies_elsewhere.connect
def downloaded(hearing: Hearing) -> Iterable[str]:
    """Yield a sentence that says since when anyone can download the public archive, if built."""
    built = Archive.objects.filter(hearing=hearing, is_public=True).exclude(built_at=None).first()
    if built is not None and built.built_at is not None:
        yield _(
            "Anyone can download the public archive built on %(day)s. Downloads are not counted."
        ) % {"day": day(built.built_at, hearing)}


@consent_changed.connect
def discard_consent(record: Writer, registration: Registration, use: Use, is_given: bool) -> None:
    """Delete the archives after a change of consent; the public's is built again."""
    building.discard(registration.hearing_id)


@seat_consent_changed.connect
def discard_seat_consent(
    record: Writer, hearing: Hearing, slots: set[str], use: Use, is_given: bool
) -> None:
    """Delete the archives after a change of a panellist's consent."""
    building.discard(hearing.pk)


@document_withdrawn.connect
def discard_document(record: Writer) -> None:
    """Delete the archives with a document that was deleted or is no longer public."""
    building.discard(record.hearing)


@cut_done.connect
def discard_cut(record: Writer, cut: Cut) -> None:
    """Delete the archives that name a recording's files before the cut; rebuild the public's."""
    building.discard(cut.hearing_id)


@public_name_changed.connect
def discard_names(record: Writer, hearing: Hearing, before: Sequence[str], after: str) -> None:
    """Delete the archives that contain a person's earlier public name."""
    building.discard(hearing.id)
