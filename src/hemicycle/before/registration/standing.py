"""The status of registrations and places, derived from their fields: rules of the models.

Plain rows of long lists have these rules too, since making a model of each row would take most of
the time of a page.
"""

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from hemicycle.hearing.people.models import TrackKind


class RegistrationStatus(models.TextChoices):
    """What was decided about a registration."""

    SUBMITTED = "submitted", _("received")
    WAITING = "waiting-list", _("on the waiting list")
    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")
    LAPSED = "lapsed", _("not confirmed in time")


LIVE = (RegistrationStatus.SUBMITTED, RegistrationStatus.WAITING, RegistrationStatus.ACCEPTED)


class RegistrationStanding:
    """The status of a registration: decision, confirmation, and proof of its mission."""

    status: Any
    kind: Any
    vouched_by: Any
    confirmed_at: datetime | Any | None

    @property
    def takes_part(self) -> bool:
        """Whether it is accepted, confirmed and proved, and so is listed, called, seated and
        published.
        """
        is_accepted = self.status == RegistrationStatus.ACCEPTED and self.is_confirmed
        return is_accepted and not self.lacks_proof

    @property
    def is_live(self) -> bool:
        """Whether it is active: neither refused, withdrawn nor expired."""
        return self.status in LIVE

    @property
    def is_confirmed(self) -> bool:
        """Whether the mailbox has confirmed it, or a trusted person has entered it."""
        return self.confirmed_at is not None

    @property
    def is_mission(self) -> bool:
        """Whether it is for a State's delegation or an observer."""
        return bool(self.kind == TrackKind.MISSIONS)

    @property
    def lacks_proof(self) -> bool:
        """Whether it is for a mission, and nothing proves yet that the mission has sent it."""
        return bool(self.is_mission and not self.vouched_by)


class PlaceState(models.TextChoices):
    """The state of a place on a list."""

    INSCRIBED = "inscribed", _("on the list")
    WITHDRAWN = "withdrawn", _("withdrawn")
    REFUSED = "refused", _("refused")
    LAPSED = "lapsed", _("not confirmed in time")
    UNPROVED = "unproved", _("mission not verified yet")


class PlaceStanding:
    """A place on a list, with its state."""

    state: Any

    @property
    def is_on_list(self) -> bool:
        """Whether the place is active: not withdrawn, refused or expired."""
        return bool(self.state == PlaceState.INSCRIBED)

    @property
    def is_kept(self) -> bool:
        """Whether the place by arrival is kept: on the list, or until the mission is proved."""
        return self.state in {PlaceState.INSCRIBED, PlaceState.UNPROVED}
