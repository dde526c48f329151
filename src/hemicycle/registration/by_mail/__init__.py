"""How registrations meet mail: whose a message is, and a mission's inscription out of one."""

from hemicycle.mailroom import hooks
from hemicycle.mailroom.housekeeping import prune
from hemicycle.mailroom.models import Purpose
from hemicycle.registration import hooks as registration
from hemicycle.registration.by_mail import finding, panes
from hemicycle.registration.by_mail.desk import Inscriptions


def join() -> None:
    """Fill the mailroom's hooks."""
    hooks.FIND.append(finding.find)
    hooks.TELL.append(finding.tell)
    hooks.SEARCH.append(finding.search)
    hooks.DESKS[Purpose.INSCRIPTIONS] = Inscriptions()
    registration.DAILY.append(prune)
    registration.PERSONAL_PANES.append(panes.personal)
