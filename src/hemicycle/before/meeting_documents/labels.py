"""The sentences by which the audit page describes documents of a hearing."""

from django.utils.translation import gettext_lazy as _

from hemicycle.record import labels

SENTENCES = {
    "document.added": _("A document of the hearing was added."),
    "document.changed": _("A document of the hearing was changed."),
    "document.agreed": _("A panellist decided whether a presentation may become public."),
    "document.removed": _("A document of the hearing was deleted."),
}

labels.declare_sentences(SENTENCES)
