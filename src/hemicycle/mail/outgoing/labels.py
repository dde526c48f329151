"""The sentences that describe letters on the audit page."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from hemicycle.mail.outgoing.models import LetterAudience, Message, Recipients
from hemicycle.mail.outgoing.texts import known_letters
from hemicycle.record import labels
from hemicycle.ui.languages import language_name

SENTENCES = {
    "mailing.sent": _("The letter “%(letter)s” was sent to a list. Recipients: %(recipients)s."),
    "mailing.stopped": _("A letter to a list was stopped. Letters not sent: %(letters)s."),
    "mailing.released": _("A letter to a list was sent before its time. Letters: %(letters)s."),
    "letters.cancelled": _("Unsent letters were cancelled (%(purpose)s): %(letters)s."),
    "plan.announced": _("Changes of plan were announced: %(changes)s. Letters: %(recipients)s."),
    "plan.kept_quiet": _("Changes of plan were not announced: %(changes)s."),
    "letter.reworded": _(
        "The text of the letter “%(letter)s” was changed (%(language)s; %(audience)s)."
    ),
    "letter.restored": _(
        "The built-in text of the letter “%(letter)s” was restored (%(language)s; %(audience)s)."
    ),
    "letterhead.changed": _("The letterhead was changed (%(language)s)."),
    "references.numbered": _("References are numbered as %(pattern)s from %(following)s on."),
    "references.stopped": _("Letters get no references any more."),
    "reference.taken": _("The letter “%(letter)s” has the reference %(reference)s."),
    "recipients.changed": _("The distribution list %(list)s was changed. Lines: %(lines)s."),
    "calendars.switched": _("Sending calendar entries by mail was set to: %(on)s."),
    "message.retried": _("The message %(message)s was sent again."),
    "message.cancelled": _("The message %(message)s was cancelled."),
    "message.settled": _("The outcome of the message %(message)s was settled."),
}


def _messages(ids: set[str]) -> Mapping[str, str]:
    rows = Message.objects.filter(id__in=labels.row_ids(ids))
    return {row.id.hex: f"({row.get_purpose_display()})" for row in rows.only("id", "purpose")}


def _lists(ids: set[str]) -> Mapping[str, str]:
    rows = Recipients.objects.filter(id__in=labels.row_ids(ids)).values_list("id", "name")
    return {id.hex: str(_("“%(words)s”") % {"words": name}) for id, name in rows}


def _letter(key: str) -> str:
    return str(known_letters()[key].label) if key in known_letters() else key


def _letterhead(language: str) -> str:
    return language_name(language) if language else str(_("All other languages"))


def _audience(key: str) -> str:
    return str(LetterAudience(key).label if key in LetterAudience else _("Everyone"))


labels.declare_sentences(SENTENCES)
labels.declare_names(_messages, "message")
labels.declare_names(_lists, "list")


def _purpose(key: str) -> str:
    return str(Message.Purpose(key).label if key in Message.Purpose else key)


labels.declare_formats("letters.cancelled", purpose=_purpose)
labels.declare_formats(letter=_letter, audience=_audience)
labels.declare_formats("letterhead.changed", language=_letterhead)
