"""What a registration form says once it has been validated: the only thing `submit` accepts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class NamedCoSigner:
    """An organization to be asked whether it joins the intervention."""

    organization: str
    email: str


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A validated form of a track. Texts are trimmed and in Unicode's form C.

    `segments` are the panels in which the sender wishes to take the floor, empty to attend only;
    `rank` is the protocol rank (1 highest, 9 for everyone without one). `camera` and `voice` are
    choices of `before.on_air`, "" for none; `time_zone` is the IANA name of the sender's time zone,
    "" if it is unknown. `organization_language` is the language of the organization's name, "" if
    it is unknown; `other_names` are its names in other languages, by BCP 47 tag.
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
    time_zone: str = ""
    organization_language: str = ""
    other_names: Mapping[str, str] = field(default_factory=dict)

    @property
    def organization_names(self) -> tuple[str, ...]:
        """All names of the organization, `organization` first."""
        return (self.organization, *self.other_names.values())
