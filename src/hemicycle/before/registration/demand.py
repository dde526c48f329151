"""How many speakers a panel has time for, and how many have asked, before registration closes."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.models import PanelMember, Segment
from hemicycle.procedure.forecast import capacity

BRISK_MS = 10_000
USUAL_MS = 30_000
"""The usual time between two speakers, in ms; `BRISK_MS` is that of a well-rehearsed room."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A panel's list against its time: how many fit, how many are on it, how many are left over.

    `fits_brisk` assumes changeovers of 10 seconds, `fits` of 30; both assume that every speaker
    uses the whole limit.
    """

    segment: Segment
    inscribed: int
    fits_brisk: int
    fits: int
    available_ms: int
    limit_ms: int

    @property
    def left_over(self) -> int:
        """How many speakers cannot be reached at the usual pace; 0 if all fit."""
        return max(0, self.inscribed - self.fits)


def panellists(segment: Segment) -> list[PanelMember]:
    """Return the panel's members who present, in their order."""
    return [member for member in segment.members.all() if member.role == Role.PANELLIST]


def presentations_ms(segment: Segment) -> int:
    """Return the ms for panellists: what the programme reserves, or their limits if longer."""
    own = sum(member.limit_s for member in panellists(segment))
    return 1000 * max(segment.presentations_s, own)


def over_subscriptions(segments: Sequence[Segment]) -> list[Demand]:
    """Return the demand of panels, in one query, and another if their members are not loaded."""
    counts = _counted(segments)
    return [demand(segment, counts.get(segment.id, 0)) for segment in segments]


def _counted(segments: Sequence[Segment]) -> dict[UUID, int]:
    standing = Inscription.objects.filter(
        Registration.taking_part("registration__"),
        segment__in=segments,
        state=Inscription.State.INSCRIBED,
    )
    return dict(standing.order_by().values_list("segment").annotate(Count("pk")))


def demand(segment: Segment, inscribed: int) -> Demand:
    """Return the demand of a panel with `inscribed` speakers; no query."""
    limit = segment.meeting.hearing.floor_time_limit_s * 1000
    length = segment.ends_at - segment.starts_at
    available = max(0, int(length.total_seconds() * 1000) - presentations_ms(segment))
    return Demand(
        segment=segment,
        inscribed=inscribed,
        fits_brisk=capacity(available, limit, BRISK_MS),
        fits=capacity(available, limit, USUAL_MS),
        available_ms=available,
        limit_ms=limit,
    )
