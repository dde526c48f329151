"""The check of microphone, camera and network, and the people who have passed it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from hemicycle.meeting.room.entry_types import PRACTICE_PASSED
from hemicycle.meeting.room.models import Check
from hemicycle.record import clock, writer

MEDIA = writer.Actor.system("media")

PARTS = (("microphone", _("Microphone")), ("camera", _("Camera")), ("network", _("Network")))
"""The parts of the check, in the order in which the page shows them."""


@dataclass(frozen=True, slots=True)
class Findings:
    """The engine's measurements in a passed check.

    The level is in dBFS, the echo in dB relative to the sound sent, the round trip in ms, and the
    loss in percent of packets.
    """

    level_db: int
    echo_db: int
    rtt_ms: int
    loss: int
    camera: bool

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read the engine's report. Raises `ValueError` for impossible figures."""
        return cls(
            level_db=_number(data, "level_db", -99, 0),
            echo_db=_number(data, "echo_db", -99, 99),
            rtt_ms=_number(data, "rtt_ms", 0, 60_000),
            loss=_number(data, "loss", 0, 100),
            camera=data.get("camera") is True,
        )


def _number(data: Mapping[str, Any], name: str, least: int, most: int) -> int:
    found = data.get(name)
    if type(found) is not int or not least <= found <= most:
        raise ValueError(f"{name} must be a whole number from {least} to {most}.")
    return found


def passed(*, hearing: UUID, person: UUID, findings: Findings) -> Check:
    """Save a person's passed check, instead of an earlier one."""
    with writer.writing(hearing, actor=MEDIA) as record:
        body = {"person": person.hex, **asdict(findings), "camera": int(findings.camera)}
        record.append(PRACTICE_PASSED, body)
        check, _made = Check.objects.update_or_create(
            hearing_id=hearing,
            person_id=person,
            defaults={"passed_at": clock.now(), **asdict(findings)},
        )
    return check


def check_of(hearing: UUID, person: UUID) -> Check | None:
    """Return a person's last passed check; None if there is none."""
    return Check.objects.filter(hearing_id=hearing, person_id=person).first()


def checked(hearing: UUID, persons: Iterable[str]) -> frozenset[str]:
    """Return which of these persons (ids in hexadecimal) have passed a check."""
    wanted = [UUID(hex=person) for person in persons if person]
    found = Check.objects.filter(hearing_id=hearing, person_id__in=wanted)
    return frozenset(id.hex for id in found.values_list("person_id", flat=True))
