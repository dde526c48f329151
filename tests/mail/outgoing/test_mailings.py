"""What the hearing's overview shows about letters to lists."""

from __future__ import annotations

import pytest
from django.urls import reverse

from hemicycle.mail.outgoing import lists, mailings
from hemicycle.record import clock
from tests.support.lists import World, listed_missions

pytestmark = pytest.mark.django_db


def waiting(world: World) -> list[str]:
    return [task.url for task in mailings.tasks(world.hearing, by_real_names=True)]


def invite(world: World) -> None:
    """Send the invitation to its list as the office does, on its pages."""
    client = world.client()
    page = reverse("outgoing:mailings", args=(world.hearing.slug,))
    chosen = lists.sources(world.hearing)[0]
    preview = client.post(page, {"letter": "invitation", "source": chosen.key}, follow=True)
    where, _status = preview.redirect_chain[-1]
    client.post(where, {"count": preview.context["plan"].count})


def test_the_invitation_waits_until_it_is_sent_or_nobody_can_register(world: World) -> None:
    page = reverse("outgoing:mailings", args=(world.hearing.slug,))
    assert waiting(world) == []  # there is no list
    listed_missions(world, "mission-of-utopia@example.org")
    assert waiting(world) == [page]
    assert page in world.client().get(reverse("hearing:office", args=(world.hearing.slug,))).text
    invite(world)
    assert waiting(world) == []


def test_nobody_is_reminded_of_the_invitation_after_the_deadline(world: World) -> None:
    listed_missions(world, "mission-of-utopia@example.org")
    world.clock.move_to(clock.to_ms(max(row.at for row in world.hearing.deadlines.all())))
    assert waiting(world) == []


def test_the_form_begins_with_the_invitation(world: World) -> None:
    page = world.client().get(reverse("outgoing:mailings", args=(world.hearing.slug,))).text
    assert '<option value="invitation" selected' in page
