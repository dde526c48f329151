"""The id under which a screen reports its clock, signed when its page is rendered.

Other people know ids of screens (all seats get a seat's id), so an id alone is no proof.
"""

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.core import signing

MOST_AGE_S = 24 * 3600
_SALT = "hemicycle.ui.screen_passes"


@dataclass(frozen=True, slots=True)
class ScreenPass:
    """The right to report as one screen of a hearing."""

    hearing: UUID
    kind: str
    id: UUID

    @property
    def text(self) -> str:
        """The pass as the signed text that a page contains."""
        return signing.dumps([self.hearing.hex, self.kind, self.id.hex], salt=_SALT)


def issue(hearing: UUID, kind: str) -> ScreenPass:
    """Return a pass for a new screen."""
    return ScreenPass(hearing, kind, uuid4())


def read(text: str) -> ScreenPass:
    """Return the pass in `text`; raise `signing.BadSignature` for a foreign or expired one."""
    hearing, kind, id = signing.loads(text, salt=_SALT, max_age=MOST_AGE_S)
    return ScreenPass(UUID(hex=hearing), kind, UUID(hex=id))
