"""Forms half filled in, kept under a key that only their link holds; they lapse by themselves."""

import re
from datetime import datetime, timedelta

from django.http import QueryDict

from hemicycle.before.registration.models import Draft
from hemicycle.hearing.people.models import Track
from hemicycle.hearing.people.secrets import hash_secret
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock

DAYS = 30
_MOST_CHARACTERS = 100_000
_KEY = re.compile(r"[A-Za-z0-9_-]{43}")
_NOT_KEPT = {"csrfmiddlewaretoken", "form_key", "draft_key", "drafted", "save_draft"}


def save(hearing: Hearing, track: Track, data: QueryDict) -> str:
    """Keep what was typed; returns the draft's key, or "" for a key or a size that is not ours."""
    key = data.get("draft_key", "")
    typed = {
        name: [_storable(value) for value in values]
        for name, values in data.lists()
        if name not in _NOT_KEPT and any(values)
    }
    if (
        not _KEY.fullmatch(key)
        or sum(len(v) for vs in typed.values() for v in vs) > _MOST_CHARACTERS
    ):
        return ""
    Draft.objects.update_or_create(
        key=hash_secret(key),
        defaults={
            "hearing": hearing,
            "track": track.value,
            "data": typed,
            "saved_at": clock.now(),
        },
    )
    return key


def _storable(text: str) -> str:
    """PostgreSQL keeps no null character in JSON; the form will say so when it is sent."""
    return text.replace("\0", "")


def find(hearing: Hearing, track: Track, key: str) -> Draft | None:
    """The draft behind a link, unless it has lapsed."""
    found = Draft.objects.filter(
        key=hash_secret(key), hearing=hearing, track=track.value, saved_at__gt=_oldest()
    )
    return found.first()


def lapse() -> int:
    """Delete the drafts that have lapsed; returns how many."""
    return Draft.objects.filter(saved_at__lte=_oldest()).delete()[0]


def _oldest() -> datetime:
    return clock.now() - timedelta(days=DAYS)
