"""Sessions that ended long ago are deleted, whether or not anybody signs in afterwards."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from hemicycle.hearing.people import sessions
from hemicycle.hearing.people.models import Person, SignInSession

DAY = timedelta(days=1)


@pytest.mark.django_db
def test_ended_and_abandoned_sessions_are_forgotten_and_others_kept() -> None:
    now, person = sessions.now(), Person.objects.create(name="Kim Example")
    old, new = now - sessions.KEPT_FOR - DAY, now - sessions.KEPT_FOR + DAY

    def session(key: str, began: timedelta = 2 * sessions.KEPT_FOR, **more: object) -> None:
        SignInSession.objects.create(
            person=person, session_key=key, device=key, began_at=now - began, **more
        )

    session("ended long ago", seen_at=old, ended_at=old)
    session("abandoned long ago", seen_at=old)
    session("ended not so long ago", seen_at=new, ended_at=new)
    session("in use", seen_at=now)
    Session.objects.create(session_key="run out", expire_date=now - DAY)
    Session.objects.create(session_key="runs", expire_date=now + DAY)
    assert sessions.forget_ended() == 2
    kept = SignInSession.objects.values_list("device", flat=True)
    assert set(kept) == {"ended not so long ago", "in use"}
    assert list(Session.objects.values_list("session_key", flat=True)) == ["runs"]
    assert sessions.forget_ended() == 0
