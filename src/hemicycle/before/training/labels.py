"""The sentences by which the audit page describes training sessions."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from hemicycle.before.training.models import Session
from hemicycle.record import clock, labels
from hemicycle.ui.times import in_utc

SENTENCES = {
    "training.scheduled": _(
        "A training session was scheduled for %(starts_at)s. Minutes: %(minutes)s. Places: "
        "%(capacity)s. Language: %(language)s."
    ),
    "training.changed": _(
        "A training session was changed: %(starts_at)s. Minutes: %(minutes)s. Places: "
        "%(capacity)s. Language: %(language)s."
    ),
    "training.room_opened": _("The room of the training session of %(training)s was opened."),
    "training.cancelled": _("The training session of %(training)s was cancelled. Reason: %(note)s"),
    "training.signed_up": _("%(registration)s signed up for the training session of %(training)s."),
    "training.queued": _(
        "%(registration)s joined the waiting list of the training session of %(training)s."
    ),
    "training.promoted": _(
        "%(registration)s moved up from the waiting list into the training session of %(training)s."
    ),
    "training.signed_off": _(
        "%(registration)s cancelled the place in the training session of %(training)s."
    ),
    "training.attended": _("%(registration)s attended the training session of %(training)s."),
    "training.absent": _("%(registration)s did not attend the training session of %(training)s."),
}


def _sessions(ids: set[str]) -> Mapping[str, str]:
    rows = Session.objects.filter(id__in=labels.row_ids(ids)).values_list("id", "starts_at")
    return {id.hex: in_utc(clock.to_ms(starts_at)) for id, starts_at in rows}


labels.declare_sentences(SENTENCES)
labels.declare_names(_sessions, "training")
labels.declare_formats(starts_at=in_utc)
