"""How long a speaker may speak: the hearing's limit, or that of the kind of speaker.

A hearing may give more time to speakers of high level, to joint interventions, and to a track, such
as that of groups of States. If several limits apply, the longest counts. `speaking_ms` is what the
clock, papers and pages show.
"""

from hemicycle.before.registration.models import CoSigner, Inscription
from hemicycle.hearing.setup.models import Hearing

HIGH_LEVEL = range(1, 6)
"""The protocol ranks of high level, from heads of State to ministers."""


def limit_s(hearing: Hearing, place: Inscription) -> int:
    """Return the time limit of a place, in seconds.

    It reads the registration and, if joint interventions have a separate limit, its co-signers.
    """
    track = hearing.track(place.track)
    own = [track.limit_seconds if track else None]
    if place.rank in HIGH_LEVEL and track is not None and track.is_for_missions:
        own.append(hearing.high_level_limit_s)
    if hearing.joint_limit_s is not None and _is_joint(place):
        own.append(hearing.joint_limit_s)
    return max((limit for limit in own if limit is not None), default=hearing.floor_time_limit_s)


def special_limit_ms(hearing: Hearing, place: Inscription) -> int | None:
    """Return the limit of a place in ms if it differs from the hearing's; else None."""
    limit = limit_s(hearing, place)
    return None if limit == hearing.floor_time_limit_s else limit * 1000


def _is_joint(place: Inscription) -> bool:
    signers = place.registration.co_signers.all()
    return any(signer.state == CoSigner.State.CONSENTED for signer in signers)
