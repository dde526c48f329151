"""The sentences by which the audit page describes statements."""

from django.utils.translation import gettext_lazy as _

from hemicycle.before.statements.models import Statement, Video
from hemicycle.record import labels
from hemicycle.ui.times import in_utc

SENTENCES = {
    "statement.handed_in": _(
        "%(registration)s submitted a statement. Version: %(number)s. Words: %(words)s. Received: "
        "%(received)s. Late: %(late)s."
    ),
    "statement.titled": _("The title of a statement was set."),
    "statement.consent_changed": _("Consent to publish a statement was changed."),
    "statement.released": _("The release of a statement was changed: %(release)s."),
    "statement.released_by_hand": _(
        "The secretariat changed the release of a statement by hand: %(release)s. %(reason)s"
    ),
    "statement.naming_changed": _("How the public sees a statement was changed: %(naming)s."),
    "statement.words_held": _(
        "A statement is waiting to be reviewed before release under the alias."
    ),
    "statement.words_released": _(
        "The text of a statement was released under the alias: version %(number)s."
    ),
    "video.handed_in": _("A recorded video was submitted for %(inscription)s: number %(number)s."),
    "video.withdrawn": _("The recorded video of %(inscription)s was withdrawn."),
    "video.play_chosen": _("When the recorded video of %(inscription)s is played: %(play)s."),
}

labels.declare_sentences(SENTENCES)
labels.declare_formats("statement.released", release=labels.choice(Statement.Release))
labels.declare_formats("statement.handed_in", received=in_utc)
labels.declare_formats(play=lambda value: str(Video.Play(value).label))
labels.declare_formats(naming=lambda value: str(Statement.Naming(value).label))
