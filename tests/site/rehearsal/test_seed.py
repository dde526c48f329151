"""A fresh installation has something to show to everyone; existing data are left alone."""

from datetime import timedelta

import pytest
from django.test import Client

from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.actions import GIVEN
from hemicycle.hearing.people.models import Appointment
from hemicycle.hearing.setup import actions as hearings
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock
from hemicycle.record.models import Entry
from hemicycle.site.rehearsal import scenes, seed, tally

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_an_empty_database_is_filled_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seed, "PAST", 14)
    monkeypatch.setattr(seed, "COMING", 10)
    first = seed.ensure()
    said = capsys.readouterr().out
    assert "rehearsed" in said
    found = list(Hearing.objects.order_by("slug"))
    assert [hearing.status for hearing in found] == ["ended", "published"]
    assert all(hearing.is_rehearsed for hearing in found)
    past, coming = found
    assert past.slug == "2021-rehearsal"
    _check_coming(coming)
    assert all(tally.verification(hearing).holds for hearing in found)
    count = Registration.objects.count()

    second = seed.ensure()
    assert capsys.readouterr().out == ""
    assert Registration.objects.count() == count
    assert list(Hearing.objects.values_list("pk", flat=True).order_by("pk")) == sorted(
        hearing.pk for hearing in found
    )
    staff = len(seed.OWN_PAGES)
    assert [role for role, _ in first] == [role for role, _ in second]
    assert {path for _, path in first[:5]}.isdisjoint(path for _, path in second[:5])
    assert first[-staff:] == second[-staff:]
    _check_ways_in(second)


def _check_coming(hearing: Hearing) -> None:
    first = min(deadline.at for deadline in hearing.deadlines.all())
    assert timedelta(days=9) < first - clock.now() < timedelta(days=18)
    assert 6 <= hearing.registrations.count() <= seed.COMING
    last = Entry.objects.filter(hearing=hearing.id).latest("seq")
    assert last.at <= clock.now_ms()


def _check_ways_in(ways: list[tuple[str, str]]) -> None:
    staff = [str(role.label) for role in GIVEN]
    booths = [f"Booth: {name} {number}" for name in ("English", "French") for number in (1, 2)]
    named = [role for role, _ in ways]
    assert named[: len(staff)] == staff
    assert [name for name in named if name.startswith("Booth")] == booths
    for role, path in ways:
        assert Client().get(path).status_code == 200, (role, path)


def test_a_database_with_a_hearing_is_left_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    own = hearings.convene(scenes.read(), slug="our-own", publish=True)
    entries = Entry.objects.count()
    ways = seed.ensure()
    assert capsys.readouterr().out == ""
    assert list(Hearing.objects.all()) == [own]
    assert not own.registrations.exists()
    # No link is made and nobody is appointed: this hearing is not invented.
    assert (ways, Entry.objects.count(), Appointment.objects.count()) == ([], entries, 0)


def test_one_real_hearing_among_invented_ones_is_enough() -> None:
    invented = hearings.convene(scenes.read(), slug="invented", publish=True)
    Hearing.objects.filter(pk=invented.pk).update(is_rehearsed=True)
    assert seed.ensure()[0][0] == "Secretariat"
    hearings.convene(scenes.read(), slug="our-own")
    assert seed.ensure() == []
