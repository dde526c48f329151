"""The check of microphone, camera and network, and who has passed it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Self
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room.entry_types import PRACTICE_PASSED
from hemicycle.meeting.room.models import Check
from hemicycle.record import clock, writer

PARTS = (("microphone", _("Microphone")), ("camera", _("Camera")), ("network", _("Network")))
"""The parts of the check, in the order in which the page shows them."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Results of a passed check: dBFS, round trip in ms, percent of packets lost."""

    level_db: int
    rtt_ms: int
    loss: int
    camera: bool

    @classmethod
    def read(cls, data: Mapping[str, str]) -> Self:
        """Read a page's report. Raises `ValueError` for impossible figures."""
        return cls(
            level_db=_number(data, "level_db", -99, 0),
            rtt_ms=_number(data, "rtt_ms", 0, 60_000),
            loss=_number(data, "loss", 0, 100),
            camera=bool(data.get("camera")),
        )


def _number(data: Mapping[str, str], name: str, least: int, most: int) -> int:
    text = data.get(name, "")
    if not text.isascii() or len(text) > 6 or not least <= (found := int(text)) <= most:
        raise ValueError(f"{name} must be a whole number from {least} to {most}.")
    return found


def passed(*, hearing: Hearing, person: UUID, findings: Findings, actor: writer.Actor) -> Check:
    """Save a person's passed check; it replaces an earlier one."""
    with writer.writing(hearing.id, actor=actor) as record:
        body = {"person": person.hex, **asdict(findings), "camera": int(findings.camera)}
        record.append(PRACTICE_PASSED, body)
        check, _made = Check.objects.update_or_create(
            hearing_id=hearing.id,
            person_id=person,
            defaults={"passed_at": clock.now(), **asdict(findings)},
        )
    return check


def check_of(hearing: UUID, person: UUID) -> Check | None:
    """Return a person's last passed check."""
    return Check.objects.filter(hearing_id=hearing, person_id=person).first()


def checked(hearing: UUID, persons: Iterable[str]) -> frozenset[str]:
    """Return who of these persons (ids in hexadecimal) has passed a check."""
    wanted = [UUID(hex=person) for person in persons if person]
    found = Check.objects.filter(hearing_id=hearing, person_id__in=wanted)
    return frozenset(id.hex for id in found.values_list("person_id", flat=True))
