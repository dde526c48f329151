"""One registration has a limited storage for its statements, evidence and videos together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import override_settings

from hemicycle.before.accreditation import evidence
from hemicycle.before.registration import quota
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.statements import actions as statements

if TYPE_CHECKING:
    from hemicycle.before.registration.models import Registration
    from tests.support.lists import World

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def hand_in(registration: Registration, text: bytes) -> None:
    statements.hand_in(
        registration=registration,
        inscription=None,
        file_name="statement.txt",
        data=text,
        by=None,
        actor=actor_of(registration),
    )


def test_statements_and_evidence_share_a_quota(world: World) -> None:
    row, other = world.ngo("River Watch", 0), world.ngo("Open Doors", 0)
    half = b"We thank the President. " * 25
    with override_settings(STORAGE_PER_REGISTRATION=2 * len(half)):
        hand_in(row, half)
        evidence.add(
            registration=row,
            form=evidence.Form.FILE,
            file_name="letter.txt",
            data=half,
            actor=actor_of(row),
        )
        assert quota.used(row) == 2 * len(half)
        with pytest.raises(statements.StatementRefused, match="for each registration"):
            hand_in(row, b"One word more.")
        with pytest.raises(RegistrationRefused, match="Send a smaller file"):
            evidence.add(
                registration=row,
                form=evidence.Form.FILE,
                file_name="more.txt",
                data=b"One word more.",
                actor=actor_of(row),
            )
        hand_in(other, half)
