"""How many speakers a panel holds, and the rules of its floor, as the field notes describe them."""

from __future__ import annotations

import pytest

from hemicycle.before.registration import changes
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.demand import over_subscriptions
from hemicycle.before.speakers import panel_rules
from hemicycle.hearing.setup.models import PanelMember, Segment
from hemicycle.procedure import Rules
from tests.support.lists import World

pytestmark = pytest.mark.django_db


def test_the_reference_panels_hold_what_their_time_holds(world: World) -> None:
    demands = over_subscriptions(list(panel_rules.panels(world.hearing)))
    assert [(demand.fits, demand.fits_brisk) for demand in demands] == [(17, 19), (23, 25)]


def test_what_the_programme_keeps_for_panellists_is_not_the_floors(world: World) -> None:
    PanelMember.objects.filter(segment__in=world.panels).update(limit_s=0)
    Segment.objects.filter(pk__in=[panel.pk for panel in world.panels]).update(
        presentations_s=32 * 60
    )
    demands = over_subscriptions(list(panel_rules.panels(world.hearing)))
    assert [(demand.fits, demand.fits_brisk) for demand in demands] == [(18, 19), (23, 26)]


def test_only_those_who_still_ask_are_counted(world: World) -> None:
    Segment.objects.filter(pk=world.panels[0].pk).update(presentations_s=5700 - 180)
    PanelMember.objects.filter(segment__in=world.panels).update(limit_s=0)
    registrations = [world.ngo(f"Ngo {number}", 0) for number in range(3)]
    world.ngo("Ngo elsewhere", 1)
    segment = panel_rules.panels(world.hearing)[0]
    (demand,) = over_subscriptions([segment])
    assert (demand.inscribed, demand.fits, demand.left_over) == (3, 1, 2)
    changes.withdraw(registration=registrations[0], reason="", actor=actor_of(registrations[0]))
    (demand,) = over_subscriptions([segment])
    assert (demand.inscribed, demand.fits, demand.left_over) == (2, 1, 1)


def test_the_hearings_rules_of_the_floor(world: World) -> None:
    assert panel_rules.floor_rules(world.hearing) == Rules(
        time_limit_ms=180_000,
        warning_ms=30_000,
        extension_ms=30_000,
        at_limit="cut",
        grace_ms=10_000,
        points_of_order=False,
        without_line="run",
    )


def test_all_pages_of_the_office_count_capacity_alike(world: World) -> None:
    """The pages of registrations once ignored changeovers, and so differed from those of lists."""
    (first, *_others) = over_subscriptions(list(panel_rules.panels(world.hearing)))
    page = world.client().get(f"/office/{world.hearing.slug}/registrations/").text
    assert f'<span class="num">{first.inscribed} of {first.fits}</span>' in page
