"""How much one registration may store here, over all files of all its pages and its mail."""

from django.conf import settings
from django.utils.translation import gettext as _

from hemicycle.before.registration import signals
from hemicycle.before.registration.models import Registration


def used(registration: Registration) -> int:
    """Bytes of the files that are kept for a registration."""
    return sum(signals.stored_bytes.send(registration))


def excess(registration: Registration, more: int) -> str:
    """Return a sentence why a file of `more` bytes does not fit beside the others; "" if it fits.

    It is called before a file is read, outside the hearing's lock: two files that arrive at the
    same moment may exceed the quota by one of them.
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
