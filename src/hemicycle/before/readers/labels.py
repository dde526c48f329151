"""Sentences of readers in the audit view."""

from django.utils.translation import gettext_lazy as _

from hemicycle.record import labels

SENTENCES = {
    "reader.named": _("%(slot)s: a reader was named, to read instead."),
    "reader.confirmed": _("%(slot)s: the reader confirmed, and has the seat."),
    "reader.taken_back": _("%(slot)s: the seat was taken back from the reader."),
}

labels.declare_sentences(SENTENCES)
