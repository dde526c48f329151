"""The sentences for entries that the record, people, hearings and meetings write."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from hemicycle.hearing.people.models import Duty, Person, Role, TrackKind
from hemicycle.hearing.setup import balance
from hemicycle.hearing.setup.models import GuidingQuestion, Meeting, PanelMember, Segment
from hemicycle.record import labels as words
from hemicycle.record.models import Note
from hemicycle.record.signing import fingerprint_of
from hemicycle.ui.times import in_utc

SENTENCES = {
    "record.begun": _("The record was started."),
    "key.succeeded": _("The key that signs the record was replaced: %(new_key)s."),
    "person.erased": _("A person was erased. Rows deleted or emptied: %(rows)s."),
    "hearing.convened": _(
        "The hearing was convened. Meetings: %(meetings)s. Segments: %(segments)s. Its record "
        "is signed with the key %(key)s."
    ),
    "hearing.changed": _("The hearing was changed: %(fields)s."),
    "programme.changed": _(
        "The programme was changed. Meetings: %(meetings)s. Segments: %(segments)s."
    ),
    "panel.public_name": _("The public name of %(slot)s on a panel was set (alias: %(alias)s)."),
    "panel.seated": _("The seat of %(slot)s on a panel was given to: %(person)s."),
    "witnesses.named": _("The witnesses of the record were named: %(keys)s; required: %(asked)s."),
    "list.balance_published": _(
        "The balance of the lists was set: %(attribute)s (most places that a speaker may be moved: "
        "%(bound)s)."
    ),
    "deadline.changed": _("The deadline for %(track)s was set to %(at)s."),
    "hearing.published": _("The hearing was published."),
    "hearing.unpublished": _("The hearing was made a draft again."),
    "hearing.postponed": _("The hearing was postponed; it has no new dates yet."),
    "hearing.rescheduled": _("The hearing has dates again."),
    "hearing.ended": _("The hearing was ended."),
    "role.given": _("%(person)s was given the role: %(role)s."),
    "role.taken": _("%(person)s no longer has the role: %(role)s."),
    "duties.set": _("%(person)s now has these duties in the secretariat: %(duties)s."),
    "link.issued": _("A sign-in link was made for %(person)s (%(role)s)."),
    "link.used": _("%(person)s signed in by link (%(role)s)."),
    "link.revoked": _("The unused sign-in links of %(person)s (%(role)s) were revoked."),
    "meeting.opened": _("The meeting was opened."),
    "meeting.suspended": _("The meeting was suspended."),
    "meeting.resumed": _("The meeting was resumed."),
    "meeting.closed": _("The meeting was closed."),
    "segment.opened": _("%(segment)s was opened."),
    "segment.closed": _("%(segment)s was closed."),
    "segment.rescheduled": _("The times of a segment were changed."),
    "list.closed": _("The list of speakers was closed."),
    "list.reopened": _("The list of speakers was opened again."),
    "slot.added": _("%(slot)s was put on the list of speakers."),
    "slot.moved": _("%(slot)s was moved on the list of speakers."),
    "slot.withdrawn": _("%(slot)s was withdrawn from the list of speakers."),
    "slot.speaker_replaced": _("The speaker of %(slot)s was replaced."),
    "slot.skipped": _("%(slot)s was skipped."),
    "slot.marked_absent": _("%(slot)s was marked absent."),
    "slot.recalled": _("%(slot)s was called again."),
    "slot.readied": _("%(slot)s is ready."),
    "participant.joined": _("%(person)s joined the meeting."),
    "participant.left": _("A participant left the meeting."),
    "participant.removed": _("%(person)s was removed from the meeting."),
    "participant.readmitted": _("%(person)s was readmitted to the meeting."),
    "floor.given": _("%(slot)s was given the floor."),
    "floor.warned": _("%(slot)s was warned that time is running out."),
    "floor.expired": _("The time of %(slot)s was up."),
    "floor.extended": _("%(slot)s was given more time."),
    "floor.interrupted": _("%(slot)s was interrupted."),
    "floor.continued": _("%(slot)s continued."),
    "floor.ended": _("The intervention of %(slot)s ended."),
    "microphone.opened": _("The microphone of %(slot)s was opened."),
    "microphone.closed": _("The microphone of %(slot)s was closed."),
    "discussion.opened": _("A discussion of the panel was opened."),
    "discussion.closed": _("The discussion was closed."),
    "voice.heard": _("%(slot)s spoke in the discussion."),
    "microphone.muted": _("The moderator muted the microphone of %(slot)s."),
    "microphone.unmuted": _("The moderator unmuted the microphone of %(slot)s."),
    "link.changed": _("The sound and picture connection of %(person)s: %(state)s."),
    "sound.measured": _(
        "%(slot)s was heard with a loudness of %(loudness_cdb)s and a peak of %(peak_cdb)s."
    ),
    "technician.acted": _("A technician acted on sound or picture: %(act)s."),
    "feed.stopped": _("The public feed was stopped."),
    "feed.resumed": _("The public feed was resumed."),
    "booth.changed": _("The interpreters’ booth for %(language)s: %(live)s."),
    "booth.signalled": _("The interpreters’ booth for %(language)s signalled: %(signal)s."),
    "question.drawn": _("A question was put to the panel."),
    "question.answered": _("A question was answered."),
    "point_of_order.raised": _("A point of order was raised."),
    "point_of_order.heard": _("A point of order was heard."),
    "point_of_order.ruled": _("A point of order was decided."),
    "act.undone": _("A decision of the moderator was undone."),
}


def _people(ids: set[str]) -> Mapping[str, str]:
    rows = Person.objects.filter(id__in=words.row_ids(ids)).values_list("id", "name", "erased_at")
    return {id.hex: gettext("erased person") if erased else name for id, name, erased in rows}


def _notes(keys: set[str]) -> Mapping[str, str]:
    rows = Note.objects.filter(key__in=keys).values_list("key", "text")
    return {key: text or gettext("(words erased)") for key, text in rows}


def _rows(model: Any, field: str) -> words.Namer:
    def namer(ids: set[str]) -> Mapping[str, str]:
        rows = model.objects.filter(id__in=words.row_ids(ids))
        return {row.pk.hex: str(getattr(row, field)) for row in rows}

    return namer


def _label(choices: Any) -> Any:
    def tell(value: str) -> str:
        return str(choices(value).label) if value in choices.values else str(value)

    return tell


def _deadline_of(track: str) -> str:
    return gettext("written statements") if track == "statements" else str(_label(TrackKind)(track))


LINK_STATES = {
    "up": _("connected"),
    "lost": _("lost"),
    "recovered": _("recovered"),
    "down": _("ended"),
}
SIGNALS = {"slow": _("please speak more slowly"), "trouble": _("trouble")}


def _one_of(words: Mapping[str, Any]) -> Callable[[Any], str]:
    return lambda value: str(words.get(value, value))


def _live(value: Any) -> str:
    return pgettext("a booth", "live") if value else pgettext("a booth", "silent")


def _decibels(value: int) -> str:
    return gettext("%(value)s dB") % {"value": f"{value / 100:.1f}"}


def _field_label(name: str) -> str:
    from hemicycle.hearing.setup.actions import (
        label,  # called when a page is rendered
    )

    return label(name)


words.declare_sentences(SENTENCES)
words.declare_names(_people, "person", "speaker", "before", "after", "actor")
words.declare_names(_rows(Segment, "title"), "segment", "segments")
words.declare_names(_rows(Meeting, "title"), "meeting")
words.declare_names(_rows(GuidingQuestion, "short"), "guiding_question")
words.declare_names(_rows(PanelMember, "name"), "slot", "to")
words.declare_names(_notes, "reason", "note")
words.declare_formats("deadline.changed", track=_deadline_of)
words.declare_formats(track=_label(TrackKind), role=_label(Role), at=in_utc, fields=_field_label)
words.declare_formats("duties.set", duties=_label(Duty))
words.declare_formats("link.changed", state=_one_of(LINK_STATES))
words.declare_formats(
    "list.balance_published", "list.balanced", attribute=_one_of(balance.ATTRIBUTES)
)
words.declare_formats(live=_live, signal=_one_of(SIGNALS))
words.declare_formats(loudness_cdb=_decibels, peak_cdb=_decibels)
words.declare_formats(new_key=fingerprint_of)
