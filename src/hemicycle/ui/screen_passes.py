"""The id under which a screen reports its clock, signed for it when its page is made.

Ids of screens are known to others (a seat's is told to all seats), so an id alone is no proof.
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
        """The pass, as the page carries it."""
        return signing.dumps([self.hearing.hex, self.kind, self.id.hex], salt=_SALT)


def issue(hearing: UUID, kind: str) -> ScreenPass:
    """A pass for a new screen."""
    return ScreenPass(hearing, kind, uuid4())


def read(text: str) -> ScreenPass:
    """The pass in `text`; raises `signing.BadSignature` for one that is not ours, or too old."""
    hearing, kind, id = signing.loads(text, salt=_SALT, max_age=MOST_AGE_S)
    return ScreenPass(UUID(hex=hearing), kind, UUID(hex=id))
