"""Many ask for the last places at once: no place is given twice, and places follow the commits."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import close_old_connections, connections

from hemicycle.before.registration import inscriptions
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.speakers import panel_rules
from hemicycle.hearing.setup.models import Segment
from hemicycle.record import clock
from tests.support.lists import World, reference_world

pytestmark = pytest.mark.postgresql("locks")


@pytest.fixture
def rivals(transactional_db: None) -> Iterator[World]:
    with reference_world() as world:
        yield world


@pytest.mark.django_db(transaction=True)
def test_rivals_for_the_last_places(rivals: World) -> None:
    bodies = [rivals.ngo(f"Ngo {number}") for number in range(24)]
    Segment.objects.filter(pk=rivals.panels[0].pk).update(max_inscriptions=10)
    segment = panel_rules.panels(rivals.hearing)[0]
    office = rivals.office

    def ask(registration: Registration) -> bool:
        close_old_connections()
        try:
            with clock.using(rivals.clock):
                inscriptions.inscribe(registration=registration, segment=segment, actor=office)
        except RegistrationRefused:
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=8) as pool:
        taken = list(pool.map(ask, bodies))
    assert sum(taken) == 10
    rows = Inscription.objects.filter(segment=segment).order_by("arrival")
    assert [row.place for row in rows] == list(range(1, 11))
