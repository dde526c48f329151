"""What a registration form says once it has been validated: the only thing `submit` accepts."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class NamedCoSigner:
    """An organization to be asked whether it joins the intervention."""

    organization: str
    email: str


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A validated form of either track. Texts are trimmed and in Unicode's form C.

    `segments` are the panels in which the sender wishes to take the floor, empty to attend only;
    `rank` is the protocol rank (1 highest, 9 for everyone without one). `camera` and `voice` are
    choices of `before.on_air`, "" for none.
    """

    track: str
    form_key: str
    category: UUID
    organization: str
    country: str
    name: str
    title: str
    email: str
    language: str
    interface_language: str = "en"
    segments: tuple[UUID, ...] = ()
    rank: int = 9
    co_signers: tuple[NamedCoSigner, ...] = ()
    access_needs: str = ""
    eligibility: str = ""
    gender: str = ""
    alias: str = ""
    contact_email: str = ""
    camera: str = ""
    voice: str = ""
    consents_to_list: bool = False
    question: str = ""
    question_segment: UUID | None = None
    draft_key: str = ""
