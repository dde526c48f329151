"""Sentences of consents in the audit view."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hemicycle.before.consent.models import Use
from hemicycle.record import labels

SENTENCES = {
    "consent.given": _("%(registration)s agreed: %(use)s."),
    "consent.withdrawn": _("%(registration)s withdrew consent: %(use)s."),
    "consent.seat_given": _("%(slot)s agreed: %(use)s."),
    "consent.seat_withdrawn": _("%(slot)s withdrew consent: %(use)s."),
}

SHORT = {
    Use.LIST: _("named on the public list"),
    Use.WEBCAST: _("shown in the webcast"),
    Use.RECORDING: _("kept in the recording"),
    Use.STATEMENT: _("statement in the library"),
    Use.QUESTION: _("named beside questions"),
    Use.TRANSCRIPT: pgettext_lazy("consent", "captions"),
    Use.PHOTOGRAPH: _("photographs"),
    Use.STATES: _("named to Member States"),
}

labels.declare_sentences(SENTENCES)
labels.declare_formats(use=lambda value: str(SHORT[Use(value)]))
