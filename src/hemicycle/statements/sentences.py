"""The sentences in which the audit view tells of statements."""

from django.utils.translation import gettext_lazy as _

from hemicycle.record import words

SENTENCES = {
    "statement.handed_in": _(
        "%(registration)s handed in a statement: version %(number)s, %(words)s words."
    ),
    "statement.consent_changed": _("Consent to publish a statement was changed."),
    "statement.released": _("The release of a statement was changed: %(release)s."),
}


def declare() -> None:
    """Put the sentences where the audit view finds them."""
    for kind, sentence in SENTENCES.items():
        words.say(kind, sentence)
