"""What a secretariat checks before it publishes a hearing: what is missing or past."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup import actions, translations
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.record import clock
from hemicycle.ui import times
from hemicycle.ui.languages import language_name

SHORT_NOTICE = timedelta(days=2)
"""A deadline so soon after publication is listed, because hardly anyone can meet it."""


@dataclass(frozen=True, slots=True)
class PublishingConcern:
    """A sentence, and the part of the settings where the problem is corrected."""

    says: str
    part: str

    def url(self, hearing: Hearing) -> str:
        """Return the address of the page where the problem is corrected."""
        if self.part == "words":
            return reverse("hearing:words", args=(hearing.slug,))
        return reverse("hearing:programme-part", args=(hearing.slug, self.part))


def concerns(hearing: Hearing) -> list[PublishingConcern]:
    """Return what is missing or past, in the order of the settings. Publishing stays possible.

    `actions.lacking` returns what prevents publishing.
    """
    return [
        *_facts(hearing),
        *_meetings(hearing),
        *_deadlines(hearing),
        *_rest(hearing),
    ]


def _facts(hearing: Hearing) -> Iterator[PublishingConcern]:
    empty = {
        "convener": _("Nobody is named as the convener."),
        "venue": _("No place is named."),
        "languages": _("No language is named."),
        "mailboxes": _("No mailbox is named: nobody knows where to write to."),
    }
    for name, says in empty.items():
        if not getattr(hearing, name):
            yield PublishingConcern(says, "facts")


def _meetings(hearing: Hearing) -> Iterator[PublishingConcern]:
    now = clock.now()
    for meeting in hearing.meetings.prefetch_related("segments__members"):
        if meeting.starts_at <= now:
            said = _("The start of “%(title)s” is in the past: %(when)s.")
            when = times.when(meeting.starts_at, hearing)
            title = meeting.title or _("Meeting")
            yield PublishingConcern(said % {"title": title, "when": when}, "meetings")
        if not meeting.segments.all():
            said = _("“%(title)s” has no programme.")
            yield PublishingConcern(said % {"title": meeting.title or _("Meeting")}, "meetings")
        for segment in meeting.segments.all():
            if segment.kind == Segment.Kind.PANEL:
                yield from _panel(segment)


def _panel(segment: Segment) -> Iterator[PublishingConcern]:
    roles = {member.role for member in segment.members.all()}
    if Role.MODERATOR not in roles:
        said = _("“%(title)s” has no moderator.")
        yield PublishingConcern(said % {"title": segment.title}, "meetings")
    if segment.presentations_s and Role.PANELLIST not in roles:
        said = _("“%(title)s” has time for panellists, but no panellist.")
        yield PublishingConcern(said % {"title": segment.title}, "meetings")


def _deadlines(hearing: Hearing) -> Iterator[PublishingConcern]:
    now = clock.now()
    named = [(row.label, row.at) for row in hearing.deadlines.all()]
    if hearing.statements_close_at:
        named.append((_("written statements"), hearing.statements_close_at))
    for what, at in named:
        texts = {"what": what, "when": times.when(at, hearing)}
        if at <= now:
            yield PublishingConcern(
                _("This deadline has passed: %(what)s, %(when)s.") % texts, "registration"
            )
        elif at - now < SHORT_NOTICE:
            said = _("This deadline is less than two days away: %(what)s, %(when)s.")
            yield PublishingConcern(said % texts, "registration")
    tracks = {row.track for row in hearing.deadlines.all()}
    for category in hearing.categories.all():
        if category.track not in tracks:
            said = _("“%(category)s” cannot register: its track has no deadline.")
            yield PublishingConcern(said % {"category": category.label}, "registration")


def _rest(hearing: Hearing) -> Iterator[PublishingConcern]:
    if not hearing.guiding_questions.exists():
        yield PublishingConcern(_("There are no guiding questions."), "questions")
    if not hearing.original_language:
        yield PublishingConcern(_("Say in which language these texts are written."), "facts")
        return
    listed = translations.entries(actions.whole(hearing.pk))
    for tag in translations.targets(hearing, listed):
        if number := sum(not entry.text(tag) for entry in listed):
            said = _("Texts that are not translated into %(language)s yet: %(number)s.")
            texts = {"language": language_name(tag), "number": number}
            yield PublishingConcern(said % texts, "words")
