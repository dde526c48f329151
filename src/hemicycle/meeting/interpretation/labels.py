"""The sentences about booths in the audit view."""

from django.utils.translation import gettext_lazy as _

from hemicycle.record import labels
from hemicycle.ui.languages import language_name

SENTENCES = {
    "interpreter.assigned": _("%(person)s was assigned to the booth: %(booth)s."),
    "interpreter.released": _("%(person)s left the booth: %(booth)s."),
}

labels.declare_sentences(SENTENCES)
labels.declare_formats(booth=language_name)
