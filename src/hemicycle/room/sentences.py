"""The sentences in which the audit view tells of the rooms."""

from django.utils.translation import gettext_lazy as _

from hemicycle.record import words

SENTENCES = {
    "practice.passed": _(
        "%(person)s passed the check of microphone and network (%(rtt_ms)s ms there and back)."
    ),
}


def declare() -> None:
    """Put the sentences where the audit view finds them."""
    for kind, sentence in SENTENCES.items():
        words.say(kind, sentence)
