"""Receivers of statements for signals of registrations, mail, the meeting and pages."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from hemicycle.before.consent.signals import consent_changed, standing
from hemicycle.before.registration.signals import (
    alias_changed,
    daily_chores,
    merge_effects,
    personal_cards,
    registration_corrected,
    registration_decided,
    registration_withdrawn,
    registrations_merged,
    request_texts,
    speaker_replaced,
    staff_cards,
    stored_bytes,
)
from hemicycle.before.speakers.signals import Column, list_columns
from hemicycle.before.statements import (
    actions,
    cards,
    consents,
    erasing,
    exports,
    files,
    merging,
    projections,
    queries,
    uploads,
)
from hemicycle.before.statements.by_mail import PublicationHandler, StatementHandler
from hemicycle.before.statements.library import publication
from hemicycle.before.statements.models import StatementVersion
from hemicycle.before.statements.video import cards as video_cards
from hemicycle.before.statements.video import uploads as video_uploads
from hemicycle.hearing.exports import tables
from hemicycle.hearing.jobs import kinds
from hemicycle.hearing.setup.signals import (
    day_groups,
    office_search,
    overview_figures,
    overview_tasks,
    personal_holdings,
)
from hemicycle.mail.incoming import handlers
from hemicycle.mail.incoming.models import Purpose
from hemicycle.record.signals import floor_changed, person_erased

person_erased.connect(erasing.erase_statements)
person_erased.connect(erasing.erase_videos)
person_erased.connect(uploads.erase)
kinds.register(uploads.READING)
kinds.register(video_uploads.PROBING)
handlers.register(Purpose.STATEMENTS, StatementHandler())
handlers.register(Purpose.PUBLICATION, PublicationHandler())
floor_changed.connect(projections.follow)
tables.register(exports.TABLE)
personal_cards.connect(cards.personal)
personal_cards.connect(video_cards.personal)
staff_cards.connect(cards.office)
overview_figures.connect(cards.figures)
overview_tasks.connect(cards.tasks)
day_groups.connect(cards.of_the_day)
office_search.connect(cards.found)
personal_holdings.connect(cards.holdings)
personal_holdings.connect(video_cards.holdings)
registration_withdrawn.connect(publication.withdraw)
registration_decided.connect(publication.follow_registration)
registration_corrected.connect(publication.follow_registration)
alias_changed.connect(actions.follow_alias)
speaker_replaced.connect(publication.replace_speaker)
merge_effects.connect(merging.effects)
registrations_merged.connect(merging.follow)
daily_chores.connect(publication.tidy)
stored_bytes.connect(files.stored_bytes)
consent_changed.connect(consents.follow)
standing.connect(consents.standing)


@request_texts.connect
def texts(registrations: list[UUID]) -> dict[UUID, str]:
    """Return the newest text of each registration's statements."""
    rows = StatementVersion.objects.filter(statement__registration__in=registrations)
    pairs = rows.exclude(text="").order_by("number").values_list("statement__registration", "text")
    return dict(pairs)


@list_columns.connect
def statement_column() -> Column:
    """Return a column that shows whether each speaker's statement was submitted."""
    return Column("statement", _("Statement"), queries.states)
