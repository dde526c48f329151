"""Where a registration and its places stand, by their fields: the models' rules.

Rows of long lists that are no models have them too: making a model of each takes most of the time
of a page.
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
    """A registration, by what was decided, whether it was confirmed, and who proves it."""

    status: Any
    kind: Any
    vouched_by: Any
    confirmed_at: datetime | Any | None

    @property
    def takes_part(self) -> bool:
        """Whether it is accepted, confirmed and proved: listed, called, seated, published."""
        is_accepted = self.status == RegistrationStatus.ACCEPTED and self.is_confirmed
        return is_accepted and not self.lacks_proof

    @property
    def is_live(self) -> bool:
        """Whether it is active: neither refused, withdrawn nor expired."""
        return self.status in LIVE

    @property
    def is_confirmed(self) -> bool:
        """Whether its mailbox confirmed it, or it came from a trusted person."""
        return self.confirmed_at is not None

    @property
    def is_mission(self) -> bool:
        """Whether it is for a State's delegation or an observer."""
        return bool(self.kind == TrackKind.MISSIONS)

    @property
    def lacks_proof(self) -> bool:
        """Whether it speaks for a mission, and nothing proves yet that the mission sent it."""
        return bool(self.is_mission and not self.vouched_by)


class PlaceState(models.TextChoices):
    """The state of a place on a list."""

    INSCRIBED = "inscribed", _("on the list")
    WITHDRAWN = "withdrawn", _("withdrawn")
    REFUSED = "refused", _("refused")
    LAPSED = "lapsed", _("not confirmed in time")
    UNPROVED = "unproved", _("mission not verified yet")


class PlaceStanding:
    """A place on a list, by its state."""

    state: Any

    @property
    def is_on_list(self) -> bool:
        """Whether its place is active: not withdrawn, refused or expired."""
        return bool(self.state == PlaceState.INSCRIBED)

    @property
    def is_kept(self) -> bool:
        """Whether its place of arrival is kept, on the list or until the mission is proved."""
        return self.state in {PlaceState.INSCRIBED, PlaceState.UNPROVED}
