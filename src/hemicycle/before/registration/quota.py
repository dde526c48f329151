"""The limit of what one registration may store, over the files of all its pages and its mail."""

from django.conf import settings
from django.utils.translation import gettext as _

from hemicycle.before.registration import signals
from hemicycle.before.registration.models import Registration


def used(registration: Registration) -> int:
    """Return the size in bytes of all files that are stored for a registration."""
    return sum(signals.stored_bytes.send(registration))


def excess(registration: Registration, more: int) -> str:
    """Return a sentence why a file of `more` bytes exceeds the limit; "" if it does not.

    It is called before a file is read, without the hearing's lock: of two files that arrive at the
    same moment, one may exceed the quota.
    """
    quota: int = settings.STORAGE_PER_REGISTRATION
    already = used(registration)
    if already + more <= quota:
        return ""
    sentence = _(
        "Your files already use %(used)d MB. With this file they would exceed the limit of "
        "%(most)d MB for each registration. Send a smaller file, or ask the secretariat."
    )
    return sentence % {"used": round(already / 2**20), "most": quota // 2**20}
