"""Which archives are built, and whether they may still be published."""

from typing import Final

from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.archive.models import Archive
from hemicycle.record.models import Entry

UNCONCERNED: Final = frozenset(
    {
        *("mail.received", "mail.decided", "practice.passed", "question.submitted"),
        *("registration.received", "registration.confirmed", "registration.lapsed"),
        *("registration.vouched", "registration.link_revoked", "co_signer.asked"),
        *("missions.listed",),
        *(
            "summary.circulated",
            "summary.translated",
            "summary.translation_kept",
            "mailing.sent",
            "mailing.stopped",
            "mailing.released",
            "letters.cancelled",
            "plan.announced",
            "plan.kept_quiet",
            "letter.reworded",
            "letter.restored",
            "letterhead.changed",
            "references.numbered",
            "references.stopped",
            "reference.taken",
        ),
        *("recipients.changed", "calendars.switched", "message.retried", "message.cancelled"),
        *("message.settled", "token.made", "token.revoked", "webhook.added", "webhook.removed"),
        *("webhook.switched_off", "webhook.switched_on", "webhook.sent_again"),
        *("webhook.secret_renewed", "wall.posted", "wall.gathered", "wall.post_shown"),
        *("wall.post_hidden", "wall.author_blocked", "wall.author_unblocked"),
        *("training.scheduled", "training.changed", "training.cancelled", "training.signed_up"),
        *("training.queued", "training.promoted", "training.signed_off"),
        *("training.attended", "training.absent"),
    }
)
"""Types of entries that withdraw no data from the public archive.

After any other entry the public archive must be built again before anyone can download it, so that
withdrawn data disappears from it at once. Anyone can cause some of the entries listed here, and
must not be able to make the archive unavailable.
"""


def built(hearing: Hearing, *, public: bool) -> Archive | None:
    """Return the archive if it is built; the public's only if `is_current`."""
    archive = archive_of(hearing, public=public)
    if archive is None or not archive.file:
        return None
    return archive if not public or is_current(archive) else None


def archive_of(hearing: Hearing, *, public: bool) -> Archive | None:
    """Return the archive's row, built or not; None if there is none."""
    rows = Archive.objects.select_related("hearing")
    return rows.filter(hearing=hearing, is_public=public).first()


def is_current(archive: Archive) -> bool:
    """Whether no entry since the archive was built can have withdrawn data from it."""
    later = Entry.objects.filter(hearing=archive.hearing_id, seq__gt=archive.seq)
    return not later.exclude(kind__in=UNCONCERNED).exists()
