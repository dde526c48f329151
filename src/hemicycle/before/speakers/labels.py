"""The sentences that describe changes to lists of speakers before a panel opens."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration.models import Inscription
from hemicycle.before.speakers.rules import LABELS
from hemicycle.record import labels

SENTENCES = {
    "speaker.inscribed": _(
        "%(inscription)s was inscribed for %(segment)s, at place %(place)s of its track."
    ),
    "speaker.reinstated": _("%(inscription)s is back on the list of %(segment)s."),
    "speaker.withdrawn": _("%(inscription)s withdrew from the list of speakers."),
    "speaker.moved": _("%(inscription)s was moved before %(before)s. Reason: %(note)s"),
    "speaker.arrived_earlier": _(
        "The place of %(inscription)s counts from the arrival of its e-mail: entry %(arrival)s."
    ),
    "speaker.ranked": _("%(inscription)s was given the protocol rank %(rank)s."),
    "speaker.language_changed": _("%(inscription)s will speak another language: %(language)s."),
    "list.balanced": _(
        "The list of %(segment)s was balanced by %(attribute)s (most places that a speaker may be "
        "moved: %(bound)s). Reason: %(note)s"
    ),
    "list.rule_changed": _("The rule by which the tracks are merged was changed: %(kind)s."),
}


def _speakers(ids: set[str]) -> Mapping[str, str]:
    rows = Inscription.objects.filter(id__in=labels.row_ids(ids)).values_list(
        "id", "registration__organization__name"
    )
    return {id.hex: name for id, name in rows}


labels.declare_sentences(SENTENCES)
labels.declare_names(_speakers, "inscription", "before", "slot", "slots")
labels.declare_names(_speakers, "first", "second", "kept", "left")
labels.declare_formats("list.rule_changed", kind=lambda kind: str(LABELS.get(kind, kind)))
