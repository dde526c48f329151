"""Daily deletion of mail after the retention of its hearing's personal data."""

from datetime import timedelta
from typing import Final

from hemicycle.hearing.jobs import stored_files
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.incoming.models import Mail
from hemicycle.record import clock

UNCLAIMED_FOR: Final = timedelta(days=90)
"""How long mail of an unknown hearing is stored."""


def clear_mail(hearing: Hearing) -> int:
    """Blank the mail that people sent to a hearing; return the number of rows."""
    mails = list(Mail.objects.filter(hearing_id=hearing.id).exclude(file=""))
    for mail in mails:
        blank(mail)
    return len(mails)


def clear_unclaimed() -> int:
    """Blank old mail whose hearing is unknown; return the number of rows."""
    old = Mail.objects.filter(hearing_id=None, received_at__lt=clock.now() - UNCLAIMED_FOR)
    mails = list(old.exclude(file=""))
    for mail in mails:
        blank(mail)
    return len(mails)


def blank(mail: Mail) -> None:
    """Remove from a row all that its sender wrote, and delete its file after the commit."""
    shared = Mail.objects.filter(file=mail.file).exclude(pk=mail.pk).exists()
    if not shared:
        stored_files.drop(mail.file)
    for field in ("file", "sender", "peer", "helo", "message_id", "from_name", "from_address"):
        setattr(mail, field, "")
    mail.subject = mail.text = mail.content_key = ""
    mail.recipients, mail.attachments, mail.candidates, mail.draft = [], [], [], {}
    if mail.state in {Mail.State.STORED, Mail.State.WAITING}:
        mail.state, mail.why = Mail.State.ASIDE, "by_person"
    mail.save()
