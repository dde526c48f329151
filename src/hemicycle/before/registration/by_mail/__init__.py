"""How registrations meet mail: whose a message is, and a mission's inscription out of one."""

from hemicycle.before.registration import signals as registration
from hemicycle.before.registration.by_mail import cards, finding
from hemicycle.before.registration.by_mail.handler import Inscriptions
from hemicycle.mail.incoming import handlers
from hemicycle.mail.incoming.housekeeping import prune
from hemicycle.mail.incoming.models import Purpose


def join() -> None:
    """Fill the mailroom's hooks."""
    handlers.FIND.append(finding.find)
    handlers.TELL.append(finding.tell)
    handlers.SEARCH.append(finding.search)
    handlers.DESKS[Purpose.INSCRIPTIONS] = Inscriptions()
    registration.DAILY.append(prune)
    registration.PERSONAL_PANES.append(cards.personal)
