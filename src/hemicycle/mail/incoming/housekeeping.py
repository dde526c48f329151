"""What is deleted by itself: mail whose hearing's time of keeping personal data is over."""

from datetime import timedelta

from django.db.models import Max

from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.incoming.entry_types import blank
from hemicycle.mail.incoming.models import Mail
from hemicycle.record import clock


def prune() -> int:
    """Take out what people wrote, once it need no longer be kept; returns from how many rows."""
    done = 0
    for hearing in Hearing.objects.annotate(over=Max("meetings__ends_at")):
        over = hearing.over
        if over is None or over + timedelta(days=hearing.retention_days) > clock.now():
            continue
        for mail in Mail.objects.filter(hearing_id=hearing.id).exclude(file=""):
            blank(mail)
            done += 1
    return done
