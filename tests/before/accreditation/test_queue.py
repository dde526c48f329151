"""The queue of the reviewers: its filters, bulk decisions, and the number of database queries."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hemicycle.before.registration.models import Registration
from tests.before.accreditation.people import named

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.postgresql("locks")

QUEUE = "/office/2021-trafficking/review/"


def shown(world: World, query: str = "") -> list[str]:
    page = world.client().get(f"{QUEUE}?{query}").context["page"]
    return [row.registration.organization.name for row in page]


def test_it_shows_what_waits_by_what_is_next(world: World, steps: Callable[..., None]) -> None:
    steps(evidence="Status", focal_point=True)
    world.ngo("Alpha")
    world.mission("France")  # accepted automatically
    Registration.objects.update(eligibility="")
    world.ngo("Beta")
    Registration.objects.filter(organization__name="Beta").update(eligibility="Status E-1")
    assert shown(world) == ["Alpha", "Beta"]
    assert shown(world, "step=evidence") == ["Alpha"]
    assert shown(world, "step=approval-unasked") == ["Beta"]
    assert shown(world, "step=nonsense&category=x&q=bet") == ["Beta"]
    named(world)
    assert shown(world, "step=approval") == ["Beta"]


def test_chosen_are_decided_in_bulk_and_nothing_happens_past_open_steps(
    world: World, steps: Callable[..., None]
) -> None:
    plain = world.ngo("Plain")
    steps(evidence="Status")
    rows = [plain, world.ngo("Alpha")]
    data = {"chosen": [str(row.pk) for row in rows], "outcome": "accepted", "next": QUEUE}
    decide = "/office/2021-trafficking/registrations/decide/"
    page = world.client().post(decide, data, follow=True).content.decode()
    assert "2 of the selected registrations have not completed all steps" in page
    known = {**data, "reason": "Known."}
    assert "Accept 2 registrations" in world.client().post(decide, known).content.decode()
    page = world.client().post(decide, {**known, "count": "2"}, follow=True).content.decode()
    assert "2 registrations decided." in page


def test_a_page_costs_the_same_for_one_and_for_many(
    world: World, steps: Callable[..., None]
) -> None:
    steps(evidence="Status", focal_point=True, no_objection=True)
    named(world)
    client, costs = world.client(), []
    for number in range(4):
        world.ngo(f"Body {number}", 0)
        if number in {0, 3}:
            with CaptureQueriesContext(connection) as queries:
                client.get(QUEUE)
            costs.append(len(queries))
    assert costs[0] == costs[1]
