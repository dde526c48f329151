"""The sentence of the entry, for pages that show the history."""

from django.utils.translation import gettext_lazy as _

from hemicycle.record import labels

labels.declare_sentences(
    {"on_air.chosen": _("What the meeting sees and hears of a participant was chosen.")}
)
