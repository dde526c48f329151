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
"""Entries that withdraw nothing of what the public's archive shows.

After any other entry it is built again before it is published again, so that withdrawn data is gone
from it at once. Strangers can cause some of these, and must not be able to keep the archive away.
"""


def built(hearing: Hearing, *, public: bool) -> Archive | None:
    """The archive, if it is built and may be given out: the public's if nothing was taken back."""
    archive = archive_of(hearing, public=public)
    if archive is None or not archive.file:
        return None
    return archive if not public or is_current(archive) else None


def archive_of(hearing: Hearing, *, public: bool) -> Archive | None:
    """The archive's row, built or not."""
    rows = Archive.objects.select_related("hearing")
    return rows.filter(hearing=hearing, is_public=public).first()


def is_current(archive: Archive) -> bool:
    """Whether no entry after the archive was built can have changed what it contains."""
    later = Entry.objects.filter(hearing=archive.hearing_id, seq__gt=archive.seq)
    return not later.exclude(kind__in=UNCONCERNED).exists()
